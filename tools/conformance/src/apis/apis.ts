import type { Endpoints } from '@sluice/lake';
import { startOwnStack } from '@sluice/verify/own-stack';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EngineMissing, type Difference, type Engine } from '../engine';
import { pythonEnvironment } from '../python-environment';
import { runProgram } from '../run-program';

const version = '4.32.5';
const maxExamples = 25;
const seed = 1;
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
];

/** The part of schemathesis's JSON report that is read. */
interface SchemathesisReport {
  readonly operations: { readonly tested: number };
  readonly test_cases: { readonly generated: number };
  readonly failures: readonly {
    readonly title: string;
    readonly operations: readonly string[];
  }[];
  readonly errors: readonly object[];
}

export const apis: Engine = {
  name: 'apis',
  title: 'Schemathesis',
  compares:
    'The ingest and the look-up API of a local stack, with requests made from the documents that they serve: no 500, and no status, media type or answer that the document does not name.',
  run: async (context) => {
    const bin = await pythonEnvironment(context, [`schemathesis==${version}`]);
    const program = join(bin, 'schemathesis');
    context.progress('starting a local stack …');
    const stack = await startOwnStack();
    try {
      const endpoints = JSON.parse(readFileSync(stack.endpointsFile, 'utf8')) as Endpoints;
      const differences: Difference[] = [];
      const notes: string[] = [];
      let tried = 0;
      for (const api of ['ingest', 'lookup'] as const) {
        context.progress(`trying the ${api} API …`);
        const report = await tryApi(program, { api, endpoints, scratch: context.scratch });
        tried += report.test_cases.generated;
        differences.push(...differencesOf(api, report));
        notes.push(
          `${api}: ${report.test_cases.generated} requests to ${report.operations.tested} operations, at most ${maxExamples} random ones each, seed ${seed}.`,
        );
      }
      return { versions: { schemathesis: version }, tried, differences, known: [], notes };
    } finally {
      await stack.stop();
    }
  },
};

async function tryApi(
  program: string,
  {
    api,
    endpoints,
    scratch,
  }: {
    readonly api: 'ingest' | 'lookup';
    readonly endpoints: Endpoints;
    readonly scratch: string;
  },
): Promise<SchemathesisReport> {
  const url = endpoints[api];
  const file = join(scratch, `${api}.json`);
  const { code, stdout, stderr } = await runProgram(
    program,
    [
      ...['run', `${url}/v1/openapi.json`, '--url', url],
      ...['--header', `x-api-key: ${endpoints.apiKey}`],
      ...['--max-examples', String(maxExamples), '--seed', String(seed)],
      ...['--phases', 'examples,coverage,fuzzing', '--checks', checks.join(',')],
      ...['--no-color', '--report', 'json', '--report-json-path', file],
    ],
    { cwd: scratch },
  );
  if (!existsSync(file))
    throw new EngineMissing(
      `schemathesis ended with ${code ?? 'a time-out'}: ${`${stdout}${stderr}`.trim().slice(-300)}`,
    );
  return JSON.parse(readFileSync(file, 'utf8')) as SchemathesisReport;
}

/** Returns the differences between an API's behaviour and its document. */
export const differencesOf = (
  api: string,
  { failures, errors }: Pick<SchemathesisReport, 'failures' | 'errors'>,
): readonly Difference[] => [
  ...failures.map(({ title, operations }) => ({
    tried: `${api}: ${title}`,
    ours: operations.join(', '),
    theirs: 'as the document says',
  })),
  ...errors.map((error) => ({
    tried: `${api}: the document can't be used`,
    ours: JSON.stringify(error),
    theirs: 'a valid document',
  })),
];
