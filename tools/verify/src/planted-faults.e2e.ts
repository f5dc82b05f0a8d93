// Takes minutes, so it has a target of its own: npx nx run verify:planted-faults
import { synthesise, workspaceRoot } from '@sluice/infra/synthesise';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckResult } from './check';
import { startOwnStack, type OwnStack } from './own-stack';
import { plantFault, type Resource } from './planted-assembly';
import type { Report } from './report';
import { verify } from './verify';

const assembly = join(workspaceRoot(), 'dist', 'cdk.out', 'dev');
const folder = mkdtempSync(join(tmpdir(), 'sluice-verify-spec-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let runs = 0;
const silent = { write: () => true };

async function run(
  ...args: string[]
): Promise<{ readonly code: number; readonly results: readonly CheckResult[] }> {
  const file = join(folder, `report-${++runs}.json`);
  const code = await verify({
    args: [...args, '--json-file', file],
    stdout: silent,
    stderr: silent,
  });
  const { checks: results } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  return { code, results };
}

const failures = (results: readonly CheckResult[]) =>
  results.filter(({ status }) => status === 'failed').map(({ id, observed }) => ({ id, observed }));

interface PlantedFault {
  readonly fault: string;
  readonly edit: (resource: Resource, text: string) => string;
  /** Name of the check that is run, in addition to the checks that it needs. */
  readonly only: string;
  /** Matches the output of the one check that fails. */
  readonly observed: RegExp;
}

const inType =
  (type: string, edit: (text: string) => string) =>
  ({ Type }: Resource, text: string): string =>
    Type === type ? edit(text) : text;

const inApi = (edit: (text: string) => string) => inType('AWS::ApiGateway::RestApi', edit);

const faults: readonly PlantedFault[] = [
  {
    fault: 'a wrong prefix of raw files',
    edit: inType('AWS::KinesisFirehose::DeliveryStream', (text) =>
      text.replace('match_event/raw/dt=', 'match_event/rwa/dt='),
    ),
    only: 'delivery.files',
    observed: /^match_event: a file at match_event\/rwa\/dt=/,
  },
  {
    fault: 'a wrong prefix of the error output',
    edit: inType('AWS::KinesisFirehose::DeliveryStream', (text) =>
      text.replace('match_event/errors/', 'match_event/faults/'),
    ),
    only: 'delivery.refused-record',
    observed: /no such line; .* in match_event\/faults\/processing-failed\//,
  },
  {
    fault: 'a column of the table that Firehose converts by, off by a letter',
    edit: inType('AWS::Glue::Table', (text) =>
      text.includes('"Name":"match_event_raw"') ? text.replace('"teamid"', '"teamids"') : text,
    ),
    only: 'delivery.columns',
    observed: /^match_event: column teamid: expected \d+, observed null/,
  },
  {
    fault: 'a type of the table that Firehose converts by',
    edit: inType('AWS::Glue::Table', (text) =>
      text.includes('"Name":"match_event_raw"')
        ? text.replace('"Name":"eventname","Type":"string"', '"Name":"eventname","Type":"bigint"')
        : text,
    ),
    only: 'delivery.rows',
    observed: /match_event: in errors\/format-conversion-failed: .*eventname/,
  },
  {
    fault: 'a template without its line feed',
    edit: inApi((text) => text.replaceAll('$input.body$newline', '$input.body')),
    only: 'gateway.record-bytes',
    observed: /… ".*\}"$/,
  },
  {
    fault: "a batch template that prints Java's form of an event",
    edit: inApi((text) =>
      text.replaceAll('#set($json = $input.json($at))', '#set($json = $event)'),
    ),
    only: 'delivery.rows',
    observed: /match_event: in errors\/processing-failed: Lambda\.ProcessingFailedStatus/,
  },
  {
    fault: 'an operation that asks for no API key',
    edit: inApi((text) => text.replaceAll('"security":[{"api-key":[]}]', '"security":[]')),
    only: 'gateway.api-key',
    observed: /^200 \{"sequenceNumber"/,
  },
  {
    fault: 'a body that is not validated',
    edit: inApi((text) =>
      text.replaceAll('"validateRequestBody":true', '"validateRequestBody":false'),
    ),
    only: 'gateway.bad-event',
    observed: /^200 \{"sequenceNumber"/,
  },
  {
    fault: 'a response template that does not know what Kinesis says of a large record',
    edit: inApi((text) =>
      text
        .replaceAll('equal to 1048576', 'equal to 0')
        .replaceAll('contains(\\"size\\")', 'contains(\\"other\\")'),
    ),
    only: 'gateway.too-large',
    observed: /^400 /,
  },
  {
    fault: 'a response template that overlooks refused records',
    edit: inApi((text) =>
      text.replaceAll('FailedRecordCount\\") > 0', 'FailedRecordCount\\") > 999'),
    ),
    only: 'limits.partly-refused',
    observed: /^200 \{"failed":/,
  },
  {
    fault: 'an environment of the replay function that names other streams',
    edit: inType('AWS::Lambda::Function', (text) =>
      text.includes('sluice-dev-replay') ? text.replace('"sluice-dev-"', '"sluice-prod-"') : text,
    ),
    only: 'replay.processing-failed',
    observed: /ResourceNotFoundException|sluice-prod-match_event/,
  },
  {
    fault: 'an operations function that starts the compaction of another stage',
    edit: inType('AWS::Lambda::Function', (text) =>
      text.replace(
        '"COMPACT_FUNCTION":"sluice-dev-compact"',
        '"COMPACT_FUNCTION":"sluice-prod-compact"',
      ),
    ),
    only: 'operations.compaction',
    observed: /^500 /,
  },
  {
    fault: 'a SQL table at another place',
    edit: inType('AWS::Glue::Table', (text) =>
      text.includes('"Name":"match_event_files"')
        ? text.replaceAll('match_event/symlinks/', 'match_event/symlink/')
        : text,
    ),
    only: 'sql.one-day',
    observed: /match_event: 0 rows of \d/,
  },
];

describe('one planted fault is found by', () => {
  test.each(faults.map((planted) => [planted.only, planted.fault, planted] as const))(
    '%s: %s',
    async (only, _, { edit, observed }) => {
      const planted = join(folder, `assembly-${runs}`);
      plantFault(assembly, planted, edit);
      const { code, results } = await run(
        ...['--assembly', planted, '--only', only, '--timeout-seconds', '15'],
      );
      expect(failures(results)).toEqual([
        { id: only, observed: expect.stringMatching(observed) as string },
      ]);
      expect(code).toBe(1);
    },
    90_000,
  );
});

describe('an event type with rules of privacy', () => {
  const definitions = join(folder, 'definitions');
  const privateAssembly = join(folder, 'private-assembly');
  const text = { type: 'string' };
  beforeAll(async () => {
    mkdirSync(definitions);
    writeFileSync(
      join(definitions, 'visit.event.json'),
      JSON.stringify({
        name: 'visit',
        version: '1.0.0',
        key: 'visitor',
        identity: 'id',
        privacy: {
          visitor: 'hash',
          'contact.email': 'hash',
          'contact.phone': 'mask',
          address: 'truncate-ip',
          note: 'drop',
          friends: 'hash',
        },
        retentionDays: 30,
        errorRetentionDays: 3,
        schema: {
          type: 'object',
          required: ['id', 'visitor'],
          properties: {
            id: { type: 'string', format: 'uuid' },
            visitor: text,
            contact: { type: 'object', properties: { email: text, phone: text } },
            address: text,
            note: text,
            friends: { type: 'array', items: text },
          },
        },
      }),
    );
    writeFileSync(
      join(definitions, 'letter.event.json'),
      JSON.stringify({
        name: 'letter',
        version: '1.0.0',
        key: 'id',
        privacy: { sender: 'hash', unmapped: 'drop' },
        schema: { type: 'object', required: ['id'], properties: { id: text, sender: text } },
      }),
    );
    await synthesise({ assembly: privateAssembly, definitions });
    process.env['SLUICE_EVENTS_DIR'] = definitions;
  }, 60_000);
  afterAll(() => {
    delete process.env['SLUICE_EVENTS_DIR'];
  });

  test('passes every check, none left out', async () => {
    const { code, results } = await run('--assembly', privateAssembly);
    expect(results.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(code).toBe(0);
  }, 180_000);

  test.each([
    [
      'privacy.hashes',
      "a transformer that is given another secret's name",
      inType('AWS::Lambda::Function', (properties) =>
        // The key of the other event type is a hash, so its rows would not be found at all.
        properties.includes('letter')
          ? properties.replace('/privacy/hash"', '/privacy/errors"')
          : properties,
      ),
      /^letter: column sender: h1_/,
    ],
  ])(
    '%s finds %s',
    async (only, _, edit, observed) => {
      const planted = join(folder, `assembly-${runs}`);
      plantFault(privateAssembly, planted, edit);
      const { code, results } = await run('--assembly', planted, '--only', only);
      expect(failures(results)).toEqual([
        { id: only, observed: expect.stringMatching(observed) as string },
      ]);
      expect(code).toBe(1);
    },
    90_000,
  );
});

describe('a missing permission is found where a service refuses', () => {
  let stack: OwnStack;
  let refusing: Server;
  beforeAll(async () => {
    stack = await startOwnStack(undefined);
    refusing = createServer((request, response) => {
      request.resume();
      response.writeHead(403, {
        'content-type': 'application/json',
        'x-amzn-errortype': 'AccessDeniedException',
      });
      response.end('{"__type":"AccessDeniedException","message":"is not authorized to perform"}');
    });
    refusing.listen(0, '127.0.0.1');
    await once(refusing, 'listening');
  }, 60_000);
  afterAll(async () => {
    refusing.close();
    await stack.stop();
  });

  test.each([
    ['kinesis', 'delivery.refused-record'],
    ['lambda', 'compaction.run'],
    ['athena', 'sql.all-days'],
  ])(
    '%s, by %s',
    async (service, only) => {
      const endpoints = JSON.parse(readFileSync(stack.endpointsFile, 'utf8')) as object;
      const file = join(folder, `endpoints-${service}.json`);
      const url = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`;
      writeFileSync(file, JSON.stringify({ ...endpoints, [service]: url }));
      const { code, results } = await run('--endpoints', file, '--only', only);
      expect(failures(results)).toEqual([
        { id: only, observed: expect.stringMatching(/AccessDenied|not authorized/) as string },
      ]);
      expect(code).toBe(1);
    },
    90_000,
  );
});
