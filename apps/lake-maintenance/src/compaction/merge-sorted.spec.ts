import { defineEvent, type EventType } from '@sluice/event-schema';
import fc from 'fast-check';
import type { Table } from 'apache-arrow';
import { mergeSorted } from './merge-sorted';
import { RowSet, type CopyPosition, type CountedCopies } from './row-set';
import { order, orderRow, rowTable } from './testing';

type AnyRow = Readonly<Record<string, unknown>>;

const rowSet = (rows: readonly AnyRow[], eventType: EventType): RowSet => {
  const set = new RowSet(eventType);
  set.append(rowTable(rows, eventType));
  return set;
};

async function* blocksOf(set: RowSet, blockRows: number): AsyncGenerator<Table> {
  const sorted = set.sortedOrder();
  for (let start = 0; start < sorted.length; start += blockRows)
    yield await Promise.resolve(set.take(sorted.subarray(start, start + blockRows)));
}

/** Counts a key's copies from all rows of all sources, as the expected result. */
function countedCopiesOf(sets: readonly RowSet[], key: string): CountedCopies {
  const counted = new Map<string, CopyPosition>();
  for (const set of sets)
    for (const row of set.sortedOrder()) {
      if (set.keyText(row) !== key) continue;
      const id = set.eventId(row) ?? '';
      const place = set.copyPosition(row);
      const before = counted.get(id);
      const isFirst =
        !before ||
        place.ingestedAt < before.ingestedAt ||
        (place.ingestedAt === before.ingestedAt && place.moment < before.moment);
      if (isFirst) counted.set(id, place);
    }
  return counted;
}

async function merged(
  runs: readonly (readonly AnyRow[])[],
  {
    blockRows,
    partRows,
    eventType = order,
  }: { readonly blockRows: number; readonly partRows: number; readonly eventType?: EventType },
): Promise<readonly (readonly AnyRow[])[]> {
  const parts: AnyRow[][] = [];
  const sets = runs.map((rows) => rowSet(rows, eventType));
  for await (const { rows, order: positions } of mergeSorted(
    sets.map((set) => blocksOf(set, blockRows)),
    {
      eventType,
      partRows,
      countedCopies: (window, key) => Promise.resolve(countedCopiesOf(sets, window.keyText(key))),
    },
  ))
    parts.push(
      rows
        .take(positions)
        .toArray()
        .map((row: { toJSON(): AnyRow }) => row.toJSON()),
    );
  return parts;
}

const textOf = ({ id, event_id: event }: AnyRow): string => `${String(id)} ${String(event)}`;

/** Rows of few different keys and events, so that rows share keys and some arrive twice. */
const someRows = fc.array(
  fc.record({ key: fc.integer({ min: 0, max: 12 }), event: fc.integer({ min: 0, max: 40 }) }),
  { maxLength: 40 },
);

/**
 * Events of few keys, most of them of one, which arrive repeatedly at different times and with different times of
 * their own.
 */
const timedRows = fc.array(
  fc.record({
    key: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.integer({ min: 0, max: 3 })),
    event: fc.integer({ min: 0, max: 25 }),
    minute: fc.option(fc.integer({ min: 0, max: 59 })),
    arrival: fc.integer({ min: 0, max: 59 }),
  }),
  { maxLength: 40 },
);

const timed = defineEvent({
  name: 'timed',
  version: '1.0.0',
  key: 'id',
  identity: 'event',
  time: 'at',
  schema: {
    type: 'object',
    required: ['id', 'event'],
    properties: {
      id: { type: 'string' },
      event: { type: 'string' },
      at: { type: 'string', format: 'date-time', digits: 6 },
    },
  },
});

const clock = (minute: number): string => `2026-11-20 10:${String(minute).padStart(2, '0')}:00.000`;

describe('merging sorted runs', () => {
  it('gives every row once, in order, in parts that no key spans unless it is larger than one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(someRows, { maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 12 }),
        async (generated, blockRows, partRows) => {
          const runs = generated.map((rows) =>
            rows.map(({ key, event }) => ({ ...orderRow(key, event) })),
          );
          const parts = (await merged(runs, { blockRows, partRows })).map((part) =>
            part.map(textOf),
          );
          const expected = [...new Set(runs.flat().map(textOf))];
          expect(parts.flat()).toEqual(expected.sort());
          for (const part of parts) expect(part.length).toBeLessThanOrEqual(partRows * 4 + 60);
          for (const [index, part] of parts.entries()) {
            const keyAfter = parts[index + 1]?.[0]?.split(' ')[0];
            const sharesKey = part.filter((text) => text.split(' ')[0] === keyAfter).length;
            if (sharesKey > 0) expect(sharesKey).toBeGreaterThanOrEqual(Math.floor(partRows / 2));
          }
        },
      ),
      { numRuns: 80 },
    );
  });

  it('orders the rows of a key by moment and keeps of copies the first ingested, wherever in the key they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(timedRows, { maxLength: 4 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 8 }),
        async (generated, blockRows, partRows) => {
          const runs = generated.map((rows) =>
            rows.map(({ key, event, minute, arrival }) => ({
              id: `k${key}`,
              event_id: `e${String(event).padStart(2, '0')}`,
              at: minute === null ? null : clock(minute),
              ingested_at: clock(arrival),
            })),
          );
          const momentOf = (row: AnyRow): string => String(row['at'] ?? row['ingested_at']);
          const counted = new Map<string, AnyRow>();
          for (const row of runs.flat()) {
            const before = counted.get(textOf(row));
            const rank = (each: AnyRow): string =>
              `${String(each['ingested_at'])} ${momentOf(each)}`;
            if (!before || rank(row) < rank(before)) counted.set(textOf(row), row);
          }
          const placeOf = (row: AnyRow): string =>
            `${String(row['id'])} ${momentOf(row)} ${String(row['event_id'])}`;
          const parts = await merged(runs, { blockRows, partRows, eventType: timed });
          const found = parts.flat().map((row) => {
            const moment = row['at'] ?? row['ingested_at'];
            return `${String(row['id'])} ${clock(new Date(Number(moment)).getUTCMinutes())} ${String(row['event_id'])}`;
          });
          expect(found).toEqual([...counted.values()].map(placeOf).sort());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('holds few rows at a time, however many there are', async () => {
    const runs = [0, 1, 2].map((run) =>
      Array.from({ length: 600 }, (_, index) => ({ ...orderRow(index * 3 + run) })),
    );
    let most = 0;
    for await (const { rows } of mergeSorted(
      runs.map((rows) => blocksOf(rowSet(rows, order), 10)),
      { eventType: order, partRows: 50, countedCopies: () => Promise.resolve(new Map()) },
    ))
      most = Math.max(most, rows.rows);
    expect(most).toBeLessThanOrEqual(50 * 1.5 + 1 + 2 * 3 * 10);
  });
});
