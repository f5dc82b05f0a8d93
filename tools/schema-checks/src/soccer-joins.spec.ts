import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  joinColumns,
  joinQuery,
  joinReportQuery,
  systemColumns,
  type Join,
} from '@sluice/event-schema';
import {
  matchEvent,
  matchEventMatches,
  matchEventPlayers,
  matchEventTeams,
  shippedJoins,
  shippedReferences,
} from '@sluice/event-types';
import { publicDataFolder } from './public-data';
import { queryRows, SqlLake } from './sql-lake';

type Line = Readonly<Record<string, any>>; // oxlint-disable-line typescript/no-explicit-any -- as published

const day = '2026-01-01';
const dayBefore = '2025-12-31';
const folder = publicDataFolder && join(publicDataFolder, 'wyscout');

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

/** An event of the file: the ids by which it is joined, and its columns as JSON text. */
interface SoccerEvent {
  readonly id: number;
  readonly playerId: number;
  readonly teamId: number;
  readonly matchId: number;
  readonly cells: string;
}

// The data lie beside the repository, for their size and licences; a clone without them skips these.
(folder ? describe : describe.skip)(
  'the joins of the soccer data, beside the files themselves',
  () => {
    let lake: SqlLake;
    let duckdb: DuckDBConnection;
    let events: readonly SoccerEvent[];
    let rows: Readonly<Record<'players' | 'teams' | 'matches', readonly Line[]>>;

    const read = (name: string): readonly Line[] =>
      linesOf(readFileSync(join(folder ?? '', name), 'utf8')).map(
        (line) => JSON.parse(line) as Line,
      );

    beforeAll(async () => {
      // One in three, of every match and nearly every player: as telling, in a third of the time.
      const texts = linesOf(
        gunzipSync(readFileSync(join(folder ?? '', 'events.ndjson.gz'))).toString(),
      ).filter((_, index) => index % 3 === 0);
      events = texts.map(soccerEvent).sort((a, b) => a.id - b.id);
      rows = {
        players: read('players.ndjson'),
        teams: read('teams.ndjson'),
        matches: read('matches.ndjson'),
      };
      lake = new SqlLake({
        eventTypes: [matchEvent],
        references: shippedReferences,
        joins: shippedJoins,
      });
      lake.addEvents(matchEvent, day, texts);
      // What arrived on another day is not in the day's result.
      lake.addEvents(matchEvent, dayBefore, texts.slice(0, 500));
      for (const reference of shippedReferences)
        lake.putReference(reference, rows[reference.name as keyof typeof rows]);
      duckdb = await lake.open();
    }, 300_000);

    afterAll(() => {
      duckdb.closeSync();
      lake.close();
    });

    /** Reads an event. JSON texts among its columns are those of the file. */
    const soccerEvent = (text: string): SoccerEvent => {
      const event = JSON.parse(text) as Line;
      const { id, playerId, teamId, matchId } = event as SoccerEvent;
      const cells = JSON.stringify({
        id,
        eventid: event['eventId'],
        eventname: event['eventName'],
        subeventid: JSON.stringify(event['subEventId']),
        subeventname: event['subEventName'],
        playerid: playerId,
        teamid: teamId,
        matchid: matchId,
        matchperiod: event['matchPeriod'],
        eventsec: event['eventSec'],
        positions: /"positions": (\[.*?\])/.exec(text)?.[1] ?? null,
        tags: /"tags": (\[.*?\])/.exec(text)?.[1] ?? null,
        event_id: String(id),
        unmapped: null,
      });
      return { id, playerId, teamId, matchId, cells };
    };

    /** Returns each partner's columns as JSON text, by the partner's id. */
    const cellsById = (
      lines: readonly Line[],
      cells: (line: Line) => Line,
    ): ReadonlyMap<number, string> =>
      new Map(lines.map((line) => [line['wyId'] as number, JSON.stringify(cells(line))]));

    /** Returns the columns of both sides as one row. */
    const joined = (left: string, right: string | undefined): string =>
      `${left.slice(0, -1)},${right?.slice(1)}`;

    /**
     * Holds each row of a join against the one expected at its place, as JSON text; the rows are in the order of
     * `orderBy`. One by one, as jest's matcher takes minutes for 60,000.
     */
    const expectRows = async (
      join: Join,
      orderBy: string,
      expected: Iterable<string>,
    ): Promise<void> => {
      // What the arrival of a record says is not in the file.
      const ofArrival = systemColumns.filter(({ ofRecord }) => ofRecord).map(({ name }) => name);
      const columns = joinColumns(join).filter(({ name }) => !ofArrival.includes(name));
      const result = await duckdb.stream(
        `SELECT to_json(struct_pack(${columns.map(({ name }) => `${name} := ${name}`).join(', ')}))::VARCHAR
       FROM (${joinQuery(join)}) WHERE (id IS NULL) = (ingested_at IS NULL) ORDER BY ${orderBy}`,
        [day],
      );
      const wanted = expected[Symbol.iterator]();
      for await (const chunk of result.yieldRows())
        for (const [row] of chunk) {
          const next = wanted.next();
          // DuckDB writes a double of a whole number with its point.
          const found = String(row).replace(/("eventsec":\d+)\.0,/, '$1,');
          if (found !== next.value) expect(found).toBe(next.value);
        }
      expect(wanted.next().done).toBe(true);
    };

    /** Returns a mixed value as JSON text, and null as null. */
    const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

    const playerCells = (player: Line): Line => ({
      player_wyid: player['wyId'],
      player_name: player['shortName'],
      player_firstname: player['firstName'],
      player_lastname: player['lastName'],
      player_birthdate: player['birthDate'],
      player_foot: player['foot'],
      player_height: player['height'],
      player_weight: player['weight'],
      player_role: player['role'].name,
      player_country: player['passportArea'].name,
      player_currentteamid: json(player['currentTeamId']),
    });

    const report = async (join: Join): Promise<Line> => {
      const [row] = await queryRows(duckdb, joinReportQuery(join), [day]);
      return Object.fromEntries(
        Object.entries(row ?? {}).map(([name, count]) => [name, Number(count)]),
      );
    };
    const noFaults = { null_left_keys: 0, null_right_keys: 0, duplicate_right_keys: 0 };

    test('with players, players without events among them', async () => {
      const players = cellsById(rows.players, playerCells);
      const known = events.filter(({ playerId }) => players.has(playerId));
      const active = new Set(known.map(({ playerId }) => playerId));
      const idle = [...players].filter(([id]) => !active.has(id)).sort(([a], [b]) => a - b);
      expect(idle.length).toBeGreaterThan(1000);
      const noEvent = JSON.stringify(JSON.parse(known[0]!.cells), (name, value: unknown) =>
        name === '' ? value : null,
      );
      function* expected(): Generator<string> {
        for (const { cells, playerId } of known) yield joined(cells, players.get(playerId));
        for (const [, player] of idle) yield joined(noEvent, player);
      }
      await expectRows(matchEventPlayers, 'id NULLS LAST, player_wyid', expected());
      expect(await report(matchEventPlayers)).toEqual({
        ...noFaults,
        left_rows: events.length,
        right_rows: rows.players.length,
        result_rows: known.length + idle.length,
        unmatched_left: events.length - known.length,
        unmatched_right: idle.length,
      });
    }, 300_000);

    test('with teams, every event among them', async () => {
      const teams = cellsById(rows.teams, (team) => ({
        team_wyid: team['wyId'],
        team_name: team['name'],
        team_officialname: team['officialName'],
        team_city: team['city'],
        team_area_id: json(team['area'].id),
        team_area_name: team['area'].name,
        team_area_alpha2code: team['area'].alpha2code,
        team_area_alpha3code: team['area'].alpha3code,
        team_type: team['type'],
      }));
      const active = new Set(events.map(({ teamId }) => teamId));
      const idle = [...teams.keys()].filter((id) => !active.has(id));
      function* expected(): Generator<string> {
        for (const { cells, teamId } of events) yield joined(cells, teams.get(teamId));
      }
      await expectRows(matchEventTeams, 'id', expected());
      expect(await report(matchEventTeams)).toEqual({
        ...noFaults,
        left_rows: events.length,
        right_rows: rows.teams.length,
        result_rows: events.length,
        unmatched_left: 0,
        unmatched_right: idle.length,
      });
    }, 300_000);

    test('with matches', async () => {
      const matches = cellsById(rows.matches, (match) => ({
        match_label: match['label'],
        match_dateutc: match['dateutc'],
        match_venue: match['venue'],
        match_duration: match['duration'],
        match_winner: match['winner'],
        match_competitionid: match['competitionId'],
        match_gameweek: match['gameweek'],
        match_groupname: match['groupName'],
      }));
      function* expected(): Generator<string> {
        for (const { cells, matchId } of events) yield joined(cells, matches.get(matchId));
      }
      await expectRows(matchEventMatches, 'id', expected());
      expect(await report(matchEventMatches)).toEqual({
        ...noFaults,
        left_rows: events.length,
        right_rows: rows.matches.length,
        result_rows: events.length,
        unmatched_left: 0,
        unmatched_right: 0,
      });
    }, 300_000);
  },
);
