import { contract, matchEvent, matchEventPlayers, productEvent } from '@sluice/event-types';
import { defineEvent } from '@sluice/event-schema';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Endpoints } from '@sluice/lake';
import { isSample, newSample } from './sample';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { welcome, type WelcomeOptions } from './welcome';

const endpoints: Endpoints = {
  ingest: 'http://127.0.0.1:46000',
  lookup: 'http://127.0.0.1:46001',
  s3: 'http://127.0.0.1:46002',
  kinesis: 'http://127.0.0.1:46003',
  analytics: 'http://127.0.0.1:46004',
  athena: 'http://127.0.0.1:46005',
  stepFunctions: 'http://127.0.0.1:46005',
  lambda: 'http://127.0.0.1:46005',
  secretsManager: 'http://127.0.0.1:46005',
  bucket: 'sluice-dev-lake-000000000000-us-east-1',
  region: 'us-east-1',
  accessKeyId: 'LOCAL',
  secretAccessKey: 'secret',
  icebergCatalog: 'http://127.0.0.1:46008/iceberg',
  traces: 'http://127.0.0.1:46009',
  console: 'http://127.0.0.1:46007/#token=C42O2b9wIh4NoTC0MsnBPrpf_0Tjbo4R',
  apiKey: 'f'.repeat(40),
};

const order = defineEvent({
  name: 'order',
  version: '1.0.0',
  key: 'order.id',
  schema: {
    type: 'object',
    required: ['order'],
    properties: {
      order: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
    },
  },
});

const options = (more: Partial<WelcomeOptions> = {}): WelcomeOptions => ({
  endpoints,
  dataDir: join(workspaceRoot(), '.sluice'),
  startedInMs: 5_123,
  deliverySeconds: 5,
  hasNewSamples: true,
  sample: newSample(),
  tables: [{ eventType: productEvent, date: '2026-01-02', key: 'u-1' }],
  join: { join: matchEventPlayers, date: '2026-01-02' },
  ...more,
});

/** Returns the words into which a shell splits a pasted command. */
const words = (command: string): readonly string[] =>
  execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

/** Returns the commands in a text. A command extends from its first line to the first line that is not continued. */
function commandsOf(text: string): readonly (readonly string[])[] {
  const commands: string[] = [];
  let isOpen = false;
  for (const line of text.split('\n')) {
    if (!isOpen && !/^ {2}(curl|npm|npx) /.test(line)) continue;
    const command: string = isOpen ? `${commands.pop() ?? ''}\n${line}` : line;
    commands.push(command);
    isOpen = line.endsWith('\\') || command.split("'").length % 2 === 0;
  }
  return commands.map(words);
}

test('a line is at most 80 columns wide', () => {
  for (const text of [
    welcome(options()),
    welcome(options({ sample: undefined, tables: [{ eventType: order, date: 'x', key: 'a b' }] })),
  ])
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('the event to post is a new one each time, of a key that is looked up next', () => {
  const [post, lookUp, bySession] = commandsOf(welcome(options()));
  const event = JSON.parse(post?.at(-1) ?? '') as {
    insertId: string;
    sessionId: number;
    user: { id: string };
  };
  expect(lookUp?.[2]).toBe(`${endpoints.lookup}/v1/events/product_event?id=${event.user.id}`);
  expect(bySession?.[2]).toBe(
    `${endpoints.lookup}/v1/events/product_event?sessionId=${event.sessionId}`,
  );
  const again = newSample();
  expect(event).not.toMatchObject({ insertId: (again.event as typeof event).insertId });
  expect(event.user.id).not.toBe(again.key);
});

test('sample data is announced, but only where it was loaded', () => {
  expect(welcome(options())).toMatch(/sample data[^]*1,000 rows of product_event/);
  expect(welcome(options({ hasNewSamples: false }))).not.toContain('sample data');
  expect(welcome(options())).toContain('http://127.0.0.1:46009 (takes OTLP;');
});

test('the join is of a day that has events', () => {
  const commands = commandsOf(welcome(options()));
  const join = commands.find((command) => command.join(' ').includes('/v1/jobs/'));
  expect(join).toContain('{"date":"2026-01-02"}');
  expect(join).toContain(`${endpoints.analytics}/v1/jobs/${matchEventPlayers.name}/runs`);
  expect(welcome(options({ join: undefined }))).not.toContain('/v1/jobs/');
});

test('own event types have their look-up and SQL, with the data directory, in words that SQL takes', () => {
  const text = welcome(
    options({
      dataDir: '/elsewhere/my data',
      hasNewSamples: false,
      sample: undefined,
      tables: [
        { eventType: order, date: '2026-01-02', key: 'a/b' },
        { eventType: matchEvent, date: '2026-01-02', key: undefined },
      ],
      join: undefined,
    }),
  );
  expect(commandsOf(text)).toEqual([
    [
      'npm',
      'run',
      'sql',
      '--',
      'select * from "order" limit 5',
      '--data-dir',
      '/elsewhere/my data',
    ],
    [
      ...['curl', '-sS', `${endpoints.lookup}/v1/events/order?id=a%2Fb`],
      ...['-H', `x-api-key: ${endpoints.apiKey}`],
    ],
    [
      'npm',
      'run',
      'sql',
      '--',
      'select * from match_event limit 5',
      '--data-dir',
      '/elsewhere/my data',
    ],
    ['npm', 'run', 'ingest', '--', 'FILE', '--event', 'NAME', '--data-dir', '/elsewhere/my data'],
  ]);
  expect(text).not.toContain('product_event');
});

test('rows of an event type without made-up data are own rows, wherever it is defined', () => {
  expect([order, productEvent, matchEvent, contract].map(isSample)).toEqual([
    false,
    true,
    true,
    false,
  ]);
});
