import {
  MappingTemplate,
  MappingTemplateError,
  type VelocityVersion,
} from '@sluice/local-stack/api-gateway';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EngineMissing, type Difference, type Engine, type EngineContext } from '../engine';
import { install, runProgram } from '../run-program';
import { requestId, templateCases, type TemplateCase } from './template-cases';

const versions = {
  'json-path': '2.9.0',
  'jackson-databind': '2.17.2',
  'commons-lang': '2.6',
} as const;
const velocities: Readonly<
  Record<VelocityVersion, { readonly artifact: string; readonly version: string }>
> = {
  '1.7': { artifact: 'velocity', version: '1.7' },
  '2': { artifact: 'velocity-engine-core', version: '2.4.1' },
};
/** JsonPath reads and writes by another library, and AWS does not say by which. */
const providers = ['jackson', 'json-smart'] as const;

/** What a template came to, ours or theirs. */
interface Rendered {
  readonly text?: string;
  readonly status?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly error?: string;
}

export const velocity: Engine = {
  name: 'velocity',
  title: 'Apache Velocity with Jayway JsonPath',
  compares:
    'Every request and response template over hostile bodies, with what the local gateway renders, byte by byte.',
  run: async (context) => {
    const java = await runProgram('java', ['-version']);
    const cases = templateCases();
    const differences: Difference[] = [];
    const notes: string[] = [];
    for (const version of ['1.7', '2'] as const) {
      const jars = await fetchJars(version, context);
      for (const provider of providers) {
        context.progress(`Velocity ${velocities[version].version}, JsonPath by ${provider} …`);
        const theirs = await renderAll(jars, provider, cases, context);
        let sameJson = 0;
        cases.forEach((one, index) => {
          const ours = renderOurs(one, version);
          const their = theirs[index] ?? { error: 'no answer' };
          const verdict = compare(ours, their);
          if (verdict === 'same value') sameJson++;
          else if (verdict === 'differs')
            differences.push({
              tried: `Velocity ${version}, ${provider}: ${one.tried}`,
              ours: shown(ours),
              theirs: shown(their),
            });
        });
        notes.push(
          `Velocity ${velocities[version].version} with JsonPath by ${provider}: ${cases.length} renderings, ${sameJson} of them the same values in other bytes.`,
        );
      }
    }
    return {
      versions: {
        velocity: velocities['1.7'].version,
        'velocity-engine-core': velocities['2'].version,
        ...versions,
        java: /version "([^"]+)"/.exec(java.stderr)?.[1] ?? 'unknown',
      },
      tried: cases.length * 4,
      differences,
      notes,
    };
  },
};

async function fetchJars(
  version: VelocityVersion,
  { folder, progress }: EngineContext,
): Promise<string> {
  const { artifact, version: exact } = velocities[version];
  const lib = join(folder, `${artifact}-${exact}`);
  if (existsSync(join(lib, 'done'))) return lib;
  progress(`fetching ${artifact} ${exact} with Maven …`);
  mkdirSync(lib, { recursive: true });
  const dependency = (group: string, name: string, wanted: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${wanted}</version></dependency>`;
  writeFileSync(
    join(lib, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>sluice</groupId><artifactId>conformance</artifactId><version>1</version><dependencies>
${dependency('org.apache.velocity', artifact, exact)}
${dependency('commons-lang', 'commons-lang', versions['commons-lang'])}
${dependency('com.jayway.jsonpath', 'json-path', versions['json-path'])}
${dependency('com.fasterxml.jackson.core', 'jackson-databind', versions['jackson-databind'])}
</dependencies></project>
`,
  );
  await install('mvn', ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=.'], {
    cwd: lib,
  });
  writeFileSync(join(lib, 'done'), '');
  return lib;
}

async function renderAll(
  jars: string,
  provider: (typeof providers)[number],
  cases: readonly TemplateCase[],
  { root }: EngineContext,
): Promise<readonly Rendered[]> {
  const input = cases.map(({ template, body, params }) =>
    JSON.stringify({ template, body, params, context: { requestId } }),
  );
  const source = join(root, 'tools', 'conformance', 'java', 'RenderTemplates.java');
  const { code, stdout, stderr } = await runProgram(
    'java',
    ['-cp', `${jars}/*`, source, provider],
    { input: `${input.join('\n')}\n` },
  );
  if (code !== 0)
    throw new EngineMissing(`java ended with ${code ?? 'a time-out'}: ${stderr.slice(-300)}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Rendered);
}

function renderOurs({ template, body, params }: TemplateCase, version: VelocityVersion): Rendered {
  try {
    const { text, response } = new MappingTemplate(template, version).render({
      body,
      params: { path: params, querystring: {}, header: {} },
      context: { requestId },
      stageVariables: {},
    });
    return {
      text,
      ...(response.status !== undefined && { status: String(response.status) }),
      headers: response.headers,
    };
  } catch (error) {
    if (error instanceof MappingTemplateError) return { error: error.message };
    throw error;
  }
}

function compare(ours: Rendered, theirs: Rendered): 'same bytes' | 'same value' | 'differs' {
  if (ours.error !== undefined || theirs.error !== undefined)
    return ours.error !== undefined && theirs.error !== undefined ? 'same bytes' : 'differs';
  if (ours.status !== theirs.status) return 'differs';
  if (JSON.stringify(ours.headers) !== JSON.stringify(theirs.headers)) return 'differs';
  if (ours.text === theirs.text) return 'same bytes';
  return meaning(ours.text) === meaning(theirs.text) ? 'same value' : 'differs';
}

/** What a rendered text says, with the records in it read as JSON where they are. */
function meaning(text = ''): string {
  try {
    return JSON.stringify(JSON.parse(text), (name, value: unknown) => {
      if (name !== 'Data' || typeof value !== 'string') return value;
      const record = Buffer.from(value, 'base64').toString('utf8');
      try {
        return { lineFeed: record.endsWith('\n'), json: JSON.parse(record) as unknown };
      } catch {
        return record;
      }
    });
  } catch {
    return text;
  }
}

const shown = ({ text, status, error }: Rendered): string =>
  error ?? `${status === undefined ? '' : `${status} `}${meaning(text)}`;
