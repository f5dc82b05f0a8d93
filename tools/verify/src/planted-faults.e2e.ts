// Takes minutes, so it has a target of its own: npx nx run verify:planted-faults
import { writeEventType } from '@sluice/event-schema/node';
import { synthesise } from '@sluice/infra/synthesise';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckResult } from './check';
import { ownApiKeys, ownEventTypes } from './own-event-types';
import { startOwnStack, writeOwnKeys, type OwnStack } from './own-stack';
import { plantFault, type Resource } from './planted-assembly';
import type { Report } from './report';
import { verify } from './verify';

const folder = mkdtempSync(join(tmpdir(), 'sluice-verify-spec-'));
const assembly = join(folder, 'assembly');
const definitions = join(folder, 'definitions');
beforeAll(async () => {
  for (const one of ownEventTypes) writeEventType(definitions, one);
  writeOwnKeys(definitions, ownApiKeys);
  await synthesise({ assembly, definitions });
  process.env['SLUICE_EVENTS_DIR'] = definitions;
}, 120_000);
afterAll(() => {
  delete process.env['SLUICE_EVENTS_DIR'];
  rmSync(folder, { recursive: true, force: true });
});

/** Milliseconds for a start of a stack and the checks up to the fault; some ten seconds on a quiet machine. */
const faultTimeoutMs = 240_000;

let runs = 0;

async function run(
  ...args: string[]
): Promise<{ readonly code: number; readonly results: readonly CheckResult[] }> {
  const file = join(folder, `report-${++runs}.json`);
  let said = '';
  const code = await verify({
    args: [...args, '--json-file', file],
    stdout: { write: () => true },
    stderr: { write: (text) => (said += text) },
  });
  if (code === 2) throw new Error(`nothing could be tried: ${said}`);
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

/** Edits delivery streams together with what they may do. */
const inDelivery =
  (edit: (text: string) => string) =>
  ({ Type }: Resource, text: string): string =>
    ['AWS::KinesisFirehose::DeliveryStream', 'AWS::IAM::Policy'].includes(Type) ? edit(text) : text;

const inApi = (edit: (text: string) => string) => inType('AWS::ApiGateway::RestApi', edit);

const faults: readonly PlantedFault[] = [
  {
    fault: 'a wrong prefix of raw files',
    edit: inDelivery((text) => text.replaceAll('match_event/raw/', 'match_event/rwa/')),
    only: 'delivery.files',
    observed: /^match_event: a file at match_event\/rwa\/dt=/,
  },
  {
    fault: 'a delivery stream that may not write where it should',
    edit: inType('AWS::IAM::Policy', (text) =>
      text.replaceAll('match_event/raw/', 'match_event/rwa/'),
    ),
    only: 'delivery.files',
    observed: /^match_event: no file/,
  },
  {
    fault: 'a wrong prefix of the error output',
    edit: inDelivery((text) => text.replaceAll('match_event/errors/', 'match_event/faults/')),
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
    fault: 'a function that is told another name of a key',
    edit: inType('AWS::Lambda::Function', (text) => text.replaceAll('\\"narrow\\"', '\\"other\\"')),
    only: 'access.restricted-columns',
    observed: /^verify_visit: .*403/,
  },
  {
    fault: 'a function that is not told which key has which scopes',
    edit: inType('AWS::Lambda::Function', (text) =>
      text.replaceAll('"API_KEYS":', '"API_KEYS_OF_OTHERS":'),
    ),
    only: 'delivery.rows',
    observed: /403/,
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
    fault: 'a replay function that may not write into streams',
    edit: inType('AWS::IAM::Policy', (text) =>
      text.includes('kinesis:ListShards')
        ? text.replace('"kinesis:PutRecords"', '"kinesis:PutRecord"')
        : text,
    ),
    only: 'replay.processing-failed',
    observed: /not authorized to perform: kinesis:PutRecords on resource: \S+match_event/,
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
      text.includes('"Name":"match_event_raw"')
        ? text.replaceAll('match_event/raw/', 'match_event/rows/')
        : text,
    ),
    only: 'sql.one-day',
    observed: /match_event: FAILED: .*match_event does not exist/,
  },
  {
    fault: "a transformer that is given another secret's name",
    edit: inType('AWS::Lambda::Function', (text) =>
      // The key of the other event type is a hash, so its rows would not be found at all.
      text.includes('verify_letter') ? text.replace('/privacy/hash"', '/privacy/errors"') : text,
    ),
    only: 'privacy.hashes',
    observed: /^verify_letter: column sender: h1_/,
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
    faultTimeoutMs,
  );
});

describe('an endpoint in the way of a running stack is found', () => {
  let stack: OwnStack;
  let server: Server;
  beforeAll(async () => {
    stack = await startOwnStack({ assembly });
    server = createServer((request, response) => {
      request.resume();
      if (request.url?.startsWith('/refuses')) {
        response.writeHead(403, {
          'content-type': 'application/json',
          'x-amzn-errortype': 'AccessDeniedException',
        });
        response.end('{"__type":"AccessDeniedException","message":"is not authorized to perform"}');
        return;
      }
      // A console without a policy, which lets everybody through to its API.
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(
        request.url?.endsWith('/config.json')
          ? '{"apis":{"lookup":"/api/lookup"}}'
          : '<script src="main.js"></script>',
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }, 120_000);
  afterAll(async () => {
    server.close();
    await stack.stop();
  });

  test.each([
    ['delivery.refused-record', 'kinesis', '/refuses', /AccessDenied|not authorized/],
    ['compaction.run', 'lambda', '/refuses', /AccessDenied|not authorized/],
    ['sql.all-days', 'athena', '/refuses', /AccessDenied|not authorized/],
    ['console.page', 'console', '', /^the page: cross-origin-opener-policy is missing/],
    ['console.token', 'console', '', /^200 /],
  ])(
    'by %s: %s%s',
    async (only, service, path, observed) => {
      const endpoints = JSON.parse(readFileSync(stack.endpointsFile, 'utf8')) as object;
      const file = join(folder, `endpoints-${only}.json`);
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
      writeFileSync(file, JSON.stringify({ ...endpoints, [service]: url }));
      const { code, results } = await run('--endpoints', file, '--only', only);
      expect(failures(results)).toEqual([
        { id: only, observed: expect.stringMatching(observed) as string },
      ]);
      expect(code).toBe(1);
    },
    faultTimeoutMs,
  );
});
