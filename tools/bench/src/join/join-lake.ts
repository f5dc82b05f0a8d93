import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { createRowTableBuilder, type RowTableBuilder } from '@sluice/columns';
import { referenceColumns, sqlName, sqlText, tableColumns, tableName } from '@sluice/event-schema';
import { matchEvent, matchEventPlayers, players } from '@sluice/event-types';
import { sampleEvents } from '@sluice/event-types/samples';
import { writeParquet } from '@sluice/parquet-writing';
import { compileFlattener } from '@sluice/record-flattening';
import { benchDate } from '../seeded-day';

export interface JoinLakeOptions {
  /** Number of events of the day, and of players in the reference table. */
  readonly events: number;
  readonly players: number;
  /** Folder for the files. */
  readonly folder: string;
}

/**
 * Writes a day of made-up soccer events and their players, in files as compaction lays them out. Returns the tables
 * for SQL.
 */
export async function createJoinLake({
  events,
  players: playerCount,
  folder,
}: JoinLakeOptions): Promise<DuckDBConnection> {
  const day = createRowTableBuilder(tableColumns(matchEvent));
  const flattener = compileFlattener(matchEvent);
  const origin = { shardId: 'shardId-0', sequenceNumber: '1', arrivalMs: Date.parse(benchDate) };
  const ids = new Set<number>();
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
  for (const event of sampleEvents('match_event', { count: events })) {
    const flat = flattener.flatten(encoder.encode(JSON.stringify(event)), origin);
    if (flat.status !== 'rows') throw new Error(JSON.stringify(flat));
    const row = JSON.parse(decoder.decode(flat.bytes)) as Readonly<Record<string, unknown>>;
    append(day, row);
    ids.add(Number(row[matchEventPlayers.on.left]));
  }
  // Players who act in events first, then others.
  for (let id = 1; ids.size < playerCount; id++) ids.add(-id);
  const playerRows = createRowTableBuilder(referenceColumns(players));
  for (const id of [...ids].slice(0, playerCount)) append(playerRows, playerRow(id));

  const write = (name: string, table: RowTableBuilder): string => {
    const file = join(folder, `${name}.parquet`);
    const layout = { codec: 'zstd', rowGroupRows: 2048, statistics: [] } as const;
    writeFileSync(file, writeParquet(table.finish(), layout).bytes);
    return `read_parquet(${sqlText(file)})`;
  };
  const duckdb = await (await DuckDBInstance.create()).connect();
  const rows = tableName(matchEvent);
  for (const [name, select] of [
    [rows, `SELECT *, ${sqlText(benchDate)} AS "dt" FROM ${write(rows, day)}`],
    [players.name, `SELECT * FROM ${write(players.name, playerRows)}`],
  ] as const)
    await duckdb.run(`CREATE VIEW ${sqlName(name)} AS ${select}`);
  return duckdb;
}

function append(builder: RowTableBuilder, row: Readonly<Record<string, unknown>>): void {
  const fault = builder.append(row);
  if (fault) throw new Error(`${fault.column}: ${fault.detail}`);
}

const playerRow = (id: number): Readonly<Record<string, unknown>> => ({
  wyid: id,
  shortname: `P. ${id}`,
  firstname: 'Player',
  lastname: String(id),
  birthdate: '1990-01-31',
  foot: 'right',
  height: 180,
  weight: 75,
  role_name: 'Midfielder',
  passportarea_name: 'France',
});
