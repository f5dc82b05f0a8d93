// Joins and SQL on the built local stack: events and reference tables in, results compared with plain loops over both.
import {
  AthenaClient,
  GetQueryExecutionCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { DuckDBInstance } from '@duckdb/node-api';
import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { matchEvent, matches, players, teams } from '@sluice/event-types';
import { sampleEvents } from '@sluice/event-types/samples';
import { putReference } from '@sluice/lake/put-reference';
import {
  parseSymlink,
  referenceKey,
  resultSymlinkKey,
  sealedMarkerKey,
  type ObjectStore,
} from '@sluice/lake-layout';
import { tableFromIPC } from 'apache-arrow';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endStacks, file, lookUp, newDataDir, run, start, type Running } from './stack-under-test';

jest.setTimeout(120_000);
endStacks();

interface SoccerEvent {
  readonly id: number;
  readonly playerId: number;
  readonly eventName: string;
  readonly teamId: number;
  readonly matchId: number;
}

const events = [
  ...sampleEvents(matchEvent.name, { count: 400 }),
] as unknown as readonly SoccerEvent[];
const playing = [...new Set(events.map(({ playerId }) => playerId))].sort((a, b) => a - b);
/** Ids of the players in the reference table: some who play are missing, and some never play. */
const known = [...playing.filter((_, index) => index % 3 !== 0), 900_001, 900_002];
const area = { name: 'Bosnia-Herzegovina', id: '70', alpha3code: 'BIH', alpha2code: 'BA' };
const playerRows = known.map((wyId) => ({
  wyId,
  shortName: `P. ${wyId} "Begović"`,
  firstName: 'P.',
  middleName: '',
  lastName: String(wyId),
  birthDate: '1990-01-02',
  birthArea: area,
  passportArea: area,
  foot: 'left',
  height: 190,
  weight: 80,
  role: { code2: 'MD', code3: 'MID', name: 'Midfielder' },
  currentTeamId: null,
  currentNationalTeamId: 'null',
}));

/** Returns rows for every other id, so that some events find no partner. */
const half = (of: (event: SoccerEvent) => number): readonly { readonly wyId: number }[] =>
  [...new Set(events.map(of))].filter((_, index) => index % 2 === 0).map((wyId) => ({ wyId }));
const teamRows = half(({ teamId }) => teamId);
const matchRows = half(({ matchId }) => matchId);

const today = new Date().toISOString().slice(0, 10);
const dataDir = newDataDir();
let stack: Running;
let store: ObjectStore;

const ask = async (
  method: string,
  path: string,
  body?: unknown,
  accept = 'application/json',
): Promise<Response> =>
  fetch(`${stack.endpoints.analytics}/v1/${path}`, {
    method,
    headers: { 'x-api-key': stack.endpoints.apiKey, 'content-type': 'application/json', accept },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

interface Answer {
  readonly id: string;
  readonly state: string;
  readonly [member: string]: unknown;
}

/** Requests the state of a join or a query until it is over. */
async function finished(path: string): Promise<Answer> {
  for (;;) {
    const response = await ask('GET', path);
    const answer = (await response.json()) as Answer;
    // A query that is not over yet is a 202.
    expect({ answer, isFine: response.ok }).toMatchObject({ isFine: true });
    if (!['QUEUED', 'RUNNING'].includes(answer.state)) return answer;
    await delay(20);
  }
}

async function startRun(join = 'match_event_players'): Promise<string> {
  const response = await ask('POST', `jobs/${join}/runs`, { date: today });
  expect(response.status).toBe(202);
  return ((await response.json()) as Answer).id;
}

const runJoin = async (join = 'match_event_players'): Promise<Answer> =>
  finished(`jobs/${join}/runs/${await startRun(join)}`);

const diskPath = (key: string): string =>
  join(dataDir, 's3', stack.endpoints.bucket, ...key.split('/'));

/** Returns the files that currently are the result of a day. */
async function resultFiles(join = 'match_event_players'): Promise<readonly string[]> {
  const symlink = await store.get(resultSymlinkKey(join, today));
  return parseSymlink(Buffer.from(symlink.bytes).toString()).map(({ key }) => key);
}

async function resultRows(
  join = 'match_event_players',
  columns = 'id::INT AS id, player_wyid::INT AS player, player_name AS name',
): Promise<readonly unknown[]> {
  const files = (await resultFiles(join)).map((key) => `'${diskPath(key)}'`);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    `SELECT ${columns} FROM read_parquet([${files.join()}]) ORDER BY 1, 2`,
  );
  const rows = reader.getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

/** Computes the right join in nested loops, as the expected result. */
function expectedRows(): readonly unknown[] {
  const rows = playerRows.flatMap<{ id: number | null; player: number; name: string }>(
    ({ wyId, shortName }) => {
      const theirs = events.filter(({ playerId }) => playerId === wyId);
      return theirs.length === 0
        ? [{ id: null, player: wyId, name: shortName }]
        : theirs.map(({ id }) => ({ id, player: wyId, name: shortName }));
    },
  );
  // As SQL sorts: null last.
  return rows.sort((a, b) => (a.id ?? Infinity) - (b.id ?? Infinity) || a.player - b.player);
}

async function open(): Promise<void> {
  stack = await start(dataDir, '--buffer-seconds', '0.5');
  const { s3, region, bucket, ...credentials } = stack.endpoints;
  store = s3ObjectStore({ client: s3Client({ endpoint: s3, region, credentials }), bucket });
}

beforeAll(async () => {
  const ndjson = events.map((event) => JSON.stringify(event)).join('\n');
  // It ends with compaction, which shows SQL the day's files.
  const ingested = await run(
    ...['--once', '--data-dir', dataDir],
    ...['--ingest', file('events.ndjson', ndjson), '--event', matchEvent.name],
  );
  expect(ingested).toMatchObject({ code: 0 });
  await open();
  for (const [name, rows, definition] of [
    [players.name, playerRows, players],
    // Their other columns are null.
    [teams.name, teamRows, undefined],
    [matches.name, matchRows, undefined],
  ] as const) {
    const ndjsonRows = rows.map((row) => JSON.stringify(row)).join('\n');
    const result = await putReference({
      store,
      name,
      file: file(`${name}.ndjson`, ndjsonRows),
      definition,
    });
    expect(result).toMatchObject({ outcome: 'put' });
  }
});

afterAll(() => stack.stop());

describe('a join', () => {
  test('gives the rows that loops over both sides give, and counts what found no partner', async () => {
    const before = events.filter(({ playerId }) => !known.includes(playerId)).length;
    expect(await runJoin()).toMatchObject({
      state: 'SUCCEEDED',
      date: today,
      report: {
        left_rows: events.length,
        right_rows: known.length,
        result_rows: expectedRows().length,
        unmatched_left: before,
        unmatched_right: 2,
        null_left_keys: 0,
        null_right_keys: 0,
        duplicate_right_keys: 0,
      },
    });
    expect(before).toBeGreaterThan(0);
    expect(await resultRows()).toEqual(expectedRows());
  });

  test('of the left keeps every event, an inner one those with a partner', async () => {
    const ids = (rows: readonly { readonly wyId: number }[]): readonly number[] =>
      rows.map(({ wyId }) => wyId);
    const byId = events.toSorted((a, b) => a.id - b.id);
    const left = await runJoin('match_event_teams');
    expect(left).toMatchObject({ state: 'SUCCEEDED', report: { result_rows: events.length } });
    expect(await resultRows('match_event_teams', 'id::INT AS id, team_wyid::INT AS other')).toEqual(
      byId.map(({ id, teamId }) => ({ id, other: ids(teamRows).includes(teamId) ? teamId : null })),
    );
    const inner = await runJoin('match_event_matches');
    const matched = byId.filter(({ matchId }) => ids(matchRows).includes(matchId));
    expect(inner).toMatchObject({
      state: 'SUCCEEDED',
      report: { result_rows: matched.length, unmatched_left: events.length - matched.length },
    });
    expect(await resultRows('match_event_matches', 'id::INT AS id, matchid::INT AS other')).toEqual(
      matched.map(({ id, matchId }) => ({ id, other: matchId })),
    );
  });

  test('started twice at once gives one result', async () => {
    const ids = await Promise.all([startRun(), startRun()]);
    const runs = await Promise.all(
      ids.map((id) => finished(`jobs/match_event_players/runs/${id}`)),
    );
    expect(runs.map(({ state }) => state)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    const files = await resultFiles();
    expect(files).toHaveLength(1);
    expect(ids.some((id) => files[0]?.includes(`/run=${id}/`))).toBe(true);
    expect(await resultRows()).toEqual(expectedRows());
  });

  test('that fails leaves the result before, and names the step and the reason', async () => {
    const before = await resultFiles();
    const path = diskPath(referenceKey(players.name));
    const intact = readFileSync(path);
    writeFileSync(path, intact.subarray(0, intact.length - 100));
    expect(await runJoin()).toMatchObject({
      state: 'FAILED',
      failedStep: 'Write the rows',
      reason: expect.stringContaining(
        `s3://${stack.endpoints.bucket}/reference/players/players.parquet`,
      ),
    });
    writeFileSync(path, intact);
    expect(await resultFiles()).toEqual(before);
    expect(await resultRows()).toEqual(expectedRows());
  });

  test('of a reference table that was never put says so, and leaves the result before', async () => {
    const before = await resultFiles();
    const path = diskPath(referenceKey(players.name));
    const intact = readFileSync(path);
    rmSync(path);
    const failed = await runJoin();
    writeFileSync(path, intact);
    expect(failed).toMatchObject({
      state: 'FAILED',
      failedStep: expect.any(String),
      reason: expect.stringContaining('players was never put'),
    });
    expect(await resultFiles()).toEqual(before);
  });

  test('starts when a day is sealed', async () => {
    const key = sealedMarkerKey('match_event', '2026-01-02');
    await store.put(key, Buffer.from('{}'));
    const { region, stepFunctions: endpoint, ...credentials } = stack.endpoints;
    const client = new SFNClient({ endpoint, region, credentials });
    const machine = 'arn:aws:states:us-east-1:000000000000:stateMachine:sluice-dev-join-';
    const outputs = await Promise.all(
      ['match_event_players', 'match_event_teams', 'match_event_matches'].map(async (join) => {
        for (;;) {
          const { executions = [] } = await client.send(
            new ListExecutionsCommand({ stateMachineArn: `${machine}${join}` }),
          );
          for (const { executionArn } of executions) {
            const { status, input, output } = await client.send(
              new DescribeExecutionCommand({ executionArn }),
            );
            if (status !== 'RUNNING' && input?.includes(key))
              return JSON.parse(output ?? '{}') as unknown;
          }
          await delay(50);
        }
      }),
    );
    client.destroy();
    expect(outputs).toEqual(
      ['match_event_players', 'match_event_teams', 'match_event_matches'].map((join): unknown =>
        expect.objectContaining({ join, date: '2026-01-02' }),
      ),
    );
  });

  test('that is not there, and a day that is none, are refused', async () => {
    expect((await ask('POST', 'jobs/nothing/runs', {})).status).toBe(404);
    expect((await ask('POST', 'jobs/match_event_players/runs', { date: 'today' })).status).toBe(
      400,
    );
    expect((await ask('GET', 'jobs/match_event_players/runs/nothing')).status).toBe(404);
  });
});

describe('a named query', () => {
  const parameters = { from: today, to: today };
  const post = async (name: string, values: object): Promise<string> => {
    const response = await ask('POST', `queries/${name}`, values);
    expect(response.status).toBe(202);
    const { id } = (await response.json()) as Answer;
    const location = new URL(response.headers.get('location') ?? '', response.url);
    expect(location.pathname).toBe(`/v1/queries/${id}`);
    return id;
  };

  test('answers with the rows of a key, as a look-up does', async () => {
    const [event] = events;
    const id = await post('match_event_by_key', { ...parameters, id: event!.id });
    const { state, rows } = await finished(`queries/${id}`);
    expect(state).toBe('SUCCEEDED');
    const [looked] = await lookUp(stack, matchEvent.name, String(event!.id));
    expect(rows).toEqual([expect.objectContaining({ ...looked })]);
  });

  test('answers page by page, in every format', async () => {
    const id = await post('events_of_player', { ...parameters, id: known[0] });
    await finished(`queries/${id}`);
    // In the query's order.
    const ids: number[] = [];
    let cursor: string | null = null;
    do {
      const page: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const answer = (await (await ask('GET', `queries/${id}?limit=2${page}`)).json()) as {
        rows: SoccerEvent[];
        cursor: string | null;
      };
      expect(answer.rows.length).toBeLessThanOrEqual(2);
      ids.push(...answer.rows.map((row) => row.id));
      cursor = answer.cursor;
    } while (cursor !== null);
    const theirs = events.filter(({ playerId }) => playerId === known[0]);
    expect(ids.toSorted()).toEqual(theirs.map((event) => event.id).sort());

    const inFormat = async (accept: string): Promise<Response> =>
      ask('GET', `queries/${id}`, undefined, accept);
    const lines = (await (await inFormat('application/x-ndjson')).text()).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as SoccerEvent).id)).toEqual(ids);
    expect((await (await inFormat('text/csv')).text()).trim().split('\r\n')).toHaveLength(
      theirs.length + 1,
    );
    const arrow = tableFromIPC(
      new Uint8Array(await (await inFormat('application/vnd.apache.arrow.stream')).arrayBuffer()),
    );
    expect(arrow.numRows).toBe(theirs.length);
  });

  test('sees results of joins', async () => {
    const id = await post('top_players', { ...parameters, top: 1000 });
    const { rows } = await finished(`queries/${id}`);
    const counts = new Map<number, number>();
    for (const { playerId, eventName } of events)
      if (known.includes(playerId) && eventName === 'Pass')
        counts.set(playerId, (counts.get(playerId) ?? 0) + 1);
    expect(
      Object.fromEntries(
        (rows as { player_wyid: number; events: number }[]).map((row) => [
          row.player_wyid,
          row.events,
        ]),
      ),
    ).toEqual(Object.fromEntries(counts));
  });

  test.each([
    ['match_event_by_key', { id: "1' OR '1'='1", from: today, to: today }],
    ['match_event_by_key', { id: 1, from: "2026-01-01'; DROP TABLE x; --", to: today }],
    ['match_event_by_key', { id: 1, from: today }],
    ['match_event_by_key', { id: 1, from: today, to: today, more: 1 }],
  ])('%s refuses %j', async (name, values) => {
    expect((await ask('POST', `queries/${name}`, values)).status).toBe(400);
  });

  test('takes a hostile text for the text that it is', async () => {
    const id = await post('top_players', { ...parameters, event: "Pass' OR '1'='1" });
    expect(await finished(`queries/${id}`)).toMatchObject({ state: 'SUCCEEDED', rows: [] });
  });
});

test('a stop with a query under way ends in order, and runs before and after it are known', async () => {
  const done = await runJoin();
  const { region, athena: endpoint, ...credentials } = stack.endpoints;
  const client = new AthenaClient({ endpoint, region, credentials });
  const { QueryExecutionId } = await client.send(
    new StartQueryExecutionCommand({
      QueryString:
        'SELECT count(*) FROM match_event a, match_event b, match_event c, match_event d',
      WorkGroup: 'sluice-dev',
    }),
  );
  for (;;) {
    const { QueryExecution } = await client.send(
      new GetQueryExecutionCommand({ QueryExecutionId }),
    );
    if (QueryExecution?.Status?.State === 'RUNNING') break;
    await delay(10);
  }
  client.destroy();
  expect(await stack.stop()).toMatchObject({ code: 0 });

  await open();
  const { athena, ...same } = stack.endpoints;
  const again = new AthenaClient({ endpoint: athena, region, credentials: same });
  const { QueryExecution } = await again.send(new GetQueryExecutionCommand({ QueryExecutionId }));
  again.destroy();
  expect(QueryExecution?.Status?.State).toBe('CANCELLED');
  expect(await finished(`jobs/match_event_players/runs/${done.id}`)).toEqual(done);
  expect(await runJoin()).toMatchObject({ state: 'SUCCEEDED' });
  expect(await resultRows()).toEqual(expectedRows());
});
