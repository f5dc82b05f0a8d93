// The real parts together: the built local stack as a process of its own, spoken to by HTTP and read by DuckDB.
import { tableFromIPC } from 'apache-arrow';
import { DuckDBInstance } from '@duckdb/node-api';
import { matchEvent } from '@sluice/event-types';
import { writeEventType } from '@sluice/event-schema/node';
import { sampleEvents } from '@sluice/event-types/samples';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  endStacks,
  file,
  lastLine,
  launch,
  lookUp,
  lookUpAll,
  newDataDir,
  postBatch,
  type Row,
  run,
  type Running,
  start,
  startWithSamples,
  until,
} from './stack-under-test';
import { startTestCollector, type TestCollector } from './traces/collector-under-test';

jest.setTimeout(120_000);
endStacks();

/** Every kind of value that JSON can hold, in positions where a pipeline might lose it. */
const hostile = [
  '{"n":1,"big":9007199254740993,"deep":{"a":{"b":{"c":[1,2,{"d":null}]}}},"name":"Begović 😀","note":null,"tags":["x","y"],"mixed":1,"a.b":1,"x:y":true,"empty":{},"list":[],"half":0.1,"at":"2026-01-02T03:04:05.678Z"}',
  '{"n":2,"big":-9223372036854775808,"deep":{"a":{"b":{"c":[]}}},"name":"\\u0000\\"\\\\\\n","note":"here","tags":[],"mixed":"one","a.b":-5,"x:y":false,"empty":{},"list":[],"half":1e-7,"at":"2026-01-02T03:04:05.000Z"}',
  '{"n":3,"big":0,"deep":{},"name":"","note":null,"tags":["z"],"mixed":{"k":[1.50]},"a.b":0,"x:y":true,"empty":{},"list":[[]],"half":-0.0,"at":"1999-12-31T23:59:59.999Z","late":"only here"}',
];

/** Returns some columns of all rows in the files that match a glob, ordered by the first column. */
async function rowsOfFiles(files: string, columns: string): Promise<readonly unknown[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    `select ${columns} from read_parquet('${files}') order by 1`,
  );
  const rows = reader.getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

/** Returns what was written to a terminal as one line, whatever its width. */
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe('the local stack', () => {
  test('takes a file of any shape, names the lines that are no events, and gives each event back, value by value', async () => {
    const dataDir = newDataDir();
    const [one, ...others] = hostile;
    const path = file('shapes.ndjson', [one, '{"n":', '[2]', ...others].join('\n'));
    const finished = await run(
      '--once',
      '--data-dir',
      dataDir,
      '--ingest',
      path,
      '--event',
      'shape',
      '--key',
      'n',
      '--identity',
      'n',
    );
    // Two lines are no events.
    expect(finished).toMatchObject({ code: 1 });
    expect(finished.stderr).toMatch(/line 2\b.*not JSON/);
    expect(finished.stderr).toMatch(/line 3\b.*not a JSON object/);
    expect(lastLine(finished)).toMatchObject({
      sent: 3,
      delivered: 3,
      failed: 2,
      rawFiles: 1,
      compactedFiles: 1,
    });

    const stack = await start(dataDir);
    const rows = await Promise.all(['1', '2', '3'].map((id) => lookUp(stack, 'shape', id)));
    const [first, second, third] = rows.flat();
    expect(rows.map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(first).toMatchObject({
      n: 1,
      big: '9007199254740993',
      deep_a_b_c: expect.stringMatching(/^\[1,2,\{"d":null\}\]$/),
      name: 'Begović 😀',
      note: null,
      tags: ['x', 'y'],
      mixed: '1',
      a_b: 1,
      x_y: true,
      empty: '{}',
      list: '[]',
      half: 0.1,
      at: '2026-01-02T03:04:05.678Z',
      event_id: '1',
      late: null,
      unmapped: null,
    });
    expect(second).toMatchObject({
      big: '-9223372036854775808',
      name: '\0"\\\n',
      note: 'here',
      mixed: '"one"',
      half: 1e-7,
    });
    expect(third).toMatchObject({
      big: 0,
      mixed: '{"k":[1.5]}',
      late: 'only here',
      unmapped: '{"deep":{}}',
    });
    expect(await lookUp(stack, 'shape', '4')).toEqual([]);
    await stack.stop();

    for (const kind of ['raw', 'compacted'])
      expect(
        await rowsOfFiles(
          `${dataDir}/s3/*/shape/${kind}/**/*.parquet`,
          'n::int n, big::varchar big, name, half, "at"::varchar "at"',
        ),
      ).toEqual([
        {
          n: 1,
          big: '9007199254740993',
          name: 'Begović 😀',
          half: 0.1,
          at: '2026-01-02 03:04:05.678',
        },
        {
          n: 2,
          big: '-9223372036854775808',
          name: '\0"\\\n',
          half: 1e-7,
          at: '2026-01-02 03:04:05',
        },
        { n: 3, big: '0', name: '', half: -0, at: '1999-12-31 23:59:59.999' },
      ]);
  });

  test('ends --once with the reasons of what failed, and well only where failures are allowed', async () => {
    const dataDir = newDataDir();
    const ingest = (...args: string[]) =>
      run('--once', '--data-dir', dataDir, ...args, '--event', 'drift');
    const before = file(
      'drift-1.ndjson',
      '{"id":"1","price":10,"note":"a"}\n{"id":"2","price":12,"note":"b"}',
    );
    expect(await ingest('--key', 'id', '--identity', 'id', '--ingest', before)).toMatchObject({
      code: 0,
    });

    const after = file(
      'drift-2.ndjson',
      '{"id":"3","price":10.5,"note":"a"}\n{"id":"4","price":1,"note":7}\n{"id":"5","price":1,"note":8}',
    );
    const failed = await ingest('--ingest', after);
    expect(failed).toMatchObject({ code: 1 });
    expect(lastLine(failed)).toMatchObject({
      sent: 3,
      delivered: 0,
      failed: 3,
      reasons: [
        { event: 'drift', code: 'type', pointer: '/note', count: 2 },
        { event: 'drift', code: 'type', pointer: '/price', count: 1 },
      ],
    });
    expect(failed.stderr).toMatch(/3 events of drift failed[^]*2 {2}type at \/note: /);
    expect(failed.stderr).toContain('npm run lake -- replay --event drift');
    expect(failed.stderr).toContain('drift.event.json');

    const allowed = await ingest('--allow-failed', '--ingest', after);
    expect(allowed).toMatchObject({ code: 0 });
    expect(lastLine(allowed)).toMatchObject({ failed: 3 });
  });

  test('delivers after kill -9 what was acknowledged, once', async () => {
    const dataDir = newDataDir();
    const samples = [...sampleEvents(matchEvent.name, { count: 180 })];
    const ids = samples.map((event) => String((event as Row)[matchEvent.key]));
    let stack = await start(dataDir, '--buffer-seconds', '0.5');
    let next = 0;
    for (const killAfterMs of [0, 400, 900]) {
      for (let batch = 0; batch < 3; batch++) {
        const events = samples.slice(next, (next += 20));
        expect(await postBatch(stack, matchEvent.name, events)).toBe(20);
      }
      await delay(killAfterMs);
      await stack.stop('SIGKILL');
      stack = await start(dataDir, '--buffer-seconds', '0.5');
    }
    const found = async (): Promise<string[]> => {
      const halves = [ids.slice(0, 90), ids.slice(90)];
      const rows = await Promise.all(halves.map((half) => lookUpAll(stack, matchEvent.name, half)));
      return rows
        .flat()
        .map((row) => String(row[matchEvent.key]))
        .sort();
    };
    await until(async () => (await found()).length >= ids.length);
    expect(await found()).toEqual([...ids].sort());
    await stack.stop();
  });

  test('prints commands that work: a new event to post and look up, rows for SQL, a join with partners', async () => {
    const dataDir = newDataDir();
    const stack = await startWithSamples(dataDir);
    await until(() => stack.stdout().includes('npm run ingest'));
    const text = stack.stdout();
    // Each is a word in quotes; the first is what is posted.
    const [body = '', join = ''] = [...text.matchAll(/-d '(\{[^']*\})'/g)].map(([, json]) => json);
    const [, id = ''] = /product_event\?id=([\w-]+)'/.exec(text) ?? [];
    const headers = { 'x-api-key': stack.endpoints.apiKey, 'content-type': 'application/json' };
    const post = (url: string, json: string) => fetch(url, { method: 'POST', headers, body: json });

    expect(await lookUp(stack, 'product_event', id)).toEqual([]);
    expect((await post(`${stack.endpoints.ingest}/v1/events/product_event`, body)).status).toBe(
      200,
    );
    await until(async () => (await lookUp(stack, 'product_event', id)).length > 0);
    expect(await lookUp(stack, 'product_event', id)).toHaveLength(1);
    const [, bySession = ''] = /'(http[^']*product_event\?sessionId=\d+)'/.exec(text) ?? [];
    const ofSession = (await (await fetch(bySession, { headers })).json()) as { count: number };
    expect(ofSession.count).toBe(1);
    // What writes Arrow is a file of its own beside the function, as it is deployed.
    const inArrow = await fetch(`${stack.endpoints.lookup}/v1/events/product_event?id=${id}`, {
      headers: { ...headers, accept: 'application/vnd.apache.arrow.stream' },
    });
    expect(tableFromIPC(new Uint8Array(await inArrow.arrayBuffer())).numRows).toBe(1);

    const jobs = `${stack.endpoints.analytics}/v1/jobs/match_event_players/runs`;
    const run = (await (await post(jobs, join)).json()) as { id: string; state: string };
    let state = run.state;
    await until(async () => {
      const response = await fetch(`${jobs}/${run.id}`, { headers });
      state = ((await response.json()) as { state: string }).state;
      return state !== 'RUNNING';
    });
    expect(state).toBe('SUCCEEDED');
    await stack.stop();
    const rows = await rowsOfFiles(
      `${dataDir}/s3/*/results/match_event_players/dt=*/run=*/*`,
      'count(player_name)::int named, count(id)::int events',
    );
    expect(rows).toEqual([{ named: 500, events: 500 }]);
    const counted = await rowsOfFiles(
      `${dataDir}/s3/*/product_event/compacted/**/*.parquet`,
      'count(distinct event_id)::int events',
    );
    expect(counted).toEqual([{ events: 1_001 }]);
  });

  test.each<[string, () => string[], RegExp]>([
    [
      'a missing file',
      () => ['--ingest', 'absent.json', '--event', 'x'],
      /there is no file absent\.json/,
    ],
    ['an empty file', () => ['--ingest', file('empty.json', ''), '--event', 'x'], /is empty/],
    [
      'a file of another kind',
      () => ['--ingest', file('text.json.gz', 'hello'), '--event', 'x'],
      /is not gzip data/,
    ],
    [
      'a file without events',
      () => ['--ingest', file('numbers.ndjson', '1\n2\n'), '--event', 'x'],
      /JSON object/,
    ],
    [
      'a bad name',
      () => ['--ingest', file('a.ndjson', '{"a":1}'), '--event', 'No Name'],
      /\[a-z\]/,
    ],
    [
      'a key that the events have not',
      () => ['--ingest', file('b.ndjson', '{"a":1}'), '--event', 'x', '--key', 'b'],
      /"?b"?/,
    ],
    [
      'another key than the defined one',
      () => ['--ingest', file('c.ndjson', '{"a":1}'), '--event', matchEvent.name, '--key', 'a'],
      /is defined with the key/,
    ],
  ])('refuses %s with one sentence and exit 1', async (_, args, sentence) => {
    const finished = await run('--once', '--data-dir', newDataDir(), ...args());
    expect(finished.code).toBe(1);
    expect(finished.stderr.match(/^error: /gm)).toHaveLength(1);
    // It is broken between words where a terminal's line ends.
    expect(finished.stderr.replaceAll(/\s+/g, ' ')).toMatch(sentence);
  });

  describe('while it runs', () => {
    const dataDir = newDataDir();
    let stack: Running;
    let collector: TestCollector;
    const { OTEL_EXPORTER_OTLP_ENDPOINT } = process.env;
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
    const [recorded] = [...sampleEvents('product_event', { count: 1 })];
    beforeAll(async () => {
      collector = await startTestCollector();
      process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url;
      stack = await start(dataDir);
    });
    afterAll(() => {
      collector.close();
      if (OTEL_EXPORTER_OTLP_ENDPOINT === undefined)
        delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
      else process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = OTEL_EXPORTER_OTLP_ENDPOINT;
    });

    test('keeps its ports and its data directory', async () => {
      const port = new URL(stack.endpoints.ingest).port;
      const taken = await launch(['--port', port, '--data-dir', newDataDir()]).finished;
      expect(taken).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^error: port \d+ \(ingest\) is taken/),
      });
      expect(await run('--data-dir', dataDir)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^error: a local stack/),
      });
    });

    test('knows its event types only', async () => {
      const unknown = await fetch(`${stack.endpoints.ingest}/v1/events/nothing`, {
        method: 'POST',
        headers: { 'x-api-key': stack.endpoints.apiKey, 'content-type': 'application/json' },
        body: '{}',
      });
      expect(unknown.status).toBe(404);
    });

    test('lets SQL see rows without a wait for the schedule, and says on the terminal why an event failed', async () => {
      const [event] = [...sampleEvents(matchEvent.name, { count: 1 })];
      await postBatch(stack, 'product_event', [recorded], { traceparent });
      await postBatch(stack, matchEvent.name, [{ ...event, id: 'no number' }]);
      const isListed = (): boolean => {
        const [bucket = ''] = readdirSync(join(dataDir, 's3')).filter((name) =>
          name.includes('-lake-0'),
        );
        const metadata = join(dataDir, 's3', bucket, 'product_event', 'iceberg', 'metadata');
        return (
          existsSync(metadata) && readdirSync(metadata).some((name) => name.startsWith('snap-'))
        );
      };
      await until(() => isListed() && stack.stderr().includes('failed'));
      expect(isListed()).toBe(true);
      expect(stack.stderr()).toMatch(/1 event of match_event failed[^]* 1 {2}type at \/id: /);
      expect(stack.stderr()).toContain('npm run lake -- replay');
    });

    test('tells a collector the way of a recorded event to its row, and of a look-up, below its client', async () => {
      const spanOf = (service: string) => collector.spansOf(traceId, service)[0];
      await until(() => spanOf('delivery') !== undefined);
      const { user } = recorded as unknown as { readonly user: { readonly id: string } };
      expect(await lookUp(stack, 'product_event', user.id, { traceparent })).toHaveLength(1);
      await until(() => spanOf('lookup-api') !== undefined);

      const [gateway, stream, transform, row, lookup] = [
        'ingest-gateway',
        'event-stream',
        'firehose-transformer',
        'delivery',
        'lookup-api',
      ].map(spanOf);
      const client = '00f067aa0ba902b7';
      expect(
        [gateway, stream, transform, row, lookup].map((span) => [span?.name, span?.parentSpanId]),
      ).toEqual([
        ['POST /v1/events/{event_type}', client],
        ['wait product_event', gateway?.spanId],
        ['process product_event', stream?.spanId],
        ['deliver product_event', transform?.spanId],
        ['GET /v1/events/{event_type}', client],
      ]);
      const reads = collector
        .spansOf(traceId, 'lookup-api')
        .filter(({ parentSpanId }) => parentSpanId === lookup?.spanId);
      expect(reads.length).toBe(lookup?.attributes['sluice.s3_requests']);
      expect(JSON.stringify(collector.spansOf(traceId))).not.toContain(user.id);
    });

    test('takes a file that is dropped into the folder of an event type, and says what fails of it', async () => {
      const [event] = sampleEvents('product_event', { count: 1, seed: 11 });
      const dropped = { ...event, occurredAt: new Date().toISOString() } as Row;
      const { id } = dropped['user'] as { readonly id: string };
      const bucket = join(dataDir, 's3', stack.endpoints.bucket);
      mkdirSync(join(bucket, 'incoming', 'product_event'), { recursive: true });
      writeFileSync(
        join(bucket, 'incoming', 'product_event', 'dropped.ndjson'),
        [dropped, { ...dropped, insertId: 7 }].map((one) => JSON.stringify(one)).join('\n'),
      );
      writeFileSync(join(bucket, 'incoming', 'product_event', 'notes.txt'), 'no events');
      let rows: readonly Row[] = [];
      await until(async () => {
        rows = (await lookUp(stack, 'product_event', id)).filter(
          ({ insertid }) => insertid === dropped['insertId'],
        );
        return rows.length > 0;
      });
      expect(rows).toHaveLength(1);
      const told = [/1 event of product_event failed/, /its name does not end in \.json/];
      await until(() => told.every((one) => one.test(flat(stack.stderr()))));
      for (const one of told) expect(flat(stack.stderr())).toMatch(one);
    });

    test('serves an event type that is defined meanwhile', async () => {
      writeEventType(join(dataDir, 'event-types'), {
        name: 'newcomer',
        version: '1.0.0',
        key: 'id',
        schema: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
      });
      const { ingest, apiKey, ...others } = stack.endpoints;
      const addresses = Object.values(others).filter(
        (one): one is string => typeof one === 'string' && one.startsWith('http://'),
      );
      await until(async () => {
        // Nobody is refused meanwhile.
        const { status } = await fetch(ingest, { headers: { 'x-api-key': apiKey } });
        expect(status).toBe(200);
        // Without a signature, a key or a token most answer with a fault, but they answer.
        await Promise.all(addresses.map((url) => fetch(url)));
        return stack.stderr().includes('The stack serves them now');
      });
      expect(await postBatch(stack, 'newcomer', [{ id: 'a' }])).toBe(1);
    });

    test('delivers what is buffered when it is asked to stop', async () => {
      const events = [...sampleEvents(matchEvent.name, { count: 3, seed: 7 })];
      await postBatch(stack, matchEvent.name, events);
      expect(await stack.stop()).toMatchObject({ code: 0 });
      const rows = await rowsOfFiles(
        `${dataDir}/s3/*/${matchEvent.name}/raw/**/*.parquet`,
        `"${matchEvent.key}"::varchar id`,
      );
      const ids = events.map((event) => String((event as Row)[matchEvent.key])).sort();
      expect(rows).toEqual(ids.map((id) => ({ id })));
    });
  });
});
