import { createRowTableBuilder, parseRowJson, type ConversionFault } from '@sluice/columns';
import { tableColumns, type EventType } from '@sluice/event-schema';
import { lakeDate, type LakeDate } from '@sluice/lake-layout';
import { rawLayout, writeParquet } from '@sluice/parquet-writing';
import { RowSet } from '../compaction/row-set';

export interface PartRow {
  /** Number of the row in the part, from 0. */
  readonly row: number;
  /** Time of its event, in milliseconds since 1970. */
  readonly ms: number;
}

/** Rows that are written together, with one file for each of their days. */
export class EventPart {
  readonly #builder;
  readonly #moments: number[] = [];

  constructor(readonly eventType: EventType) {
    this.#builder = createRowTableBuilder(tableColumns(eventType));
  }

  /** Adds a row from the flattener. @returns why it does not fit its columns, in which case it was not added */
  add(row: Readonly<Record<string, unknown>>, ms: number): ConversionFault | undefined {
    const fault = this.#builder.append(row);
    if (!fault) this.#moments.push(ms);
    return fault;
  }

  get rows(): number {
    return this.#moments.length;
  }

  /** Removes all rows but the first `rows`. */
  truncate(rows: number): void {
    this.#builder.truncate(rows);
    this.#moments.length = rows;
  }

  /** Ends the part. Nothing may be added afterwards. */
  finish(): FinishedPart {
    const rows = new RowSet(this.eventType);
    rows.append(this.#builder.finish());
    return new FinishedPart(rows, this.#moments);
  }
}

/** A complete part, whose rows can be written. */
export class FinishedPart {
  constructor(
    readonly rows: RowSet,
    private readonly moments: readonly number[],
  ) {}

  *[Symbol.iterator](): Generator<PartRow> {
    for (const [row, ms] of this.moments.entries()) yield { row, ms };
  }

  /** Returns the rows of each day, in their order. @param leftOut rows to leave out */
  byDay(leftOut: ReadonlySet<number>): ReadonlyMap<LakeDate, readonly number[]> {
    const byDay = new Map<LakeDate, number[]>();
    for (const { row, ms } of this) {
      if (leftOut.has(row)) continue;
      const date = lakeDate(ms);
      const ofDay = byDay.get(date);
      if (ofDay) ofDay.push(row);
      else byDay.set(date, [row]);
    }
    return byDay;
  }

  /** Writes rows as a raw file, like Firehose. */
  rawFile(rows: readonly number[]): Uint8Array {
    return writeParquet(this.rows.take(Uint32Array.from(rows)), rawLayout).bytes;
  }
}

/** Parses the rows that the flattener wrote, one in each line. */
export const rowsOfText = (text: string): readonly Readonly<Record<string, unknown>>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseRowJson(line) as Readonly<Record<string, unknown>>);
