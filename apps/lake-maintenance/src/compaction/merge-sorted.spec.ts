import fc from 'fast-check';
import type { Table } from 'apache-arrow';
import { mergeSorted } from './merge-sorted';
import { RowSet } from './row-set';
import { order, orderRow, rowTable, type OrderRow } from './testing';

const rowSet = (rows: readonly OrderRow[]): RowSet => {
  const set = new RowSet(order);
  set.append(rowTable(rows.map((row) => ({ ...row }))));
  return set;
};

async function* blocksOf(rows: readonly OrderRow[], blockRows: number): AsyncGenerator<Table> {
  const set = rowSet(rows);
  const sorted = set.sortedOrder();
  for (let start = 0; start < sorted.length; start += blockRows)
    yield await Promise.resolve(set.take(sorted.subarray(start, start + blockRows)));
}

const textOf = ({ id, event_id: event }: OrderRow): string => `${id} ${event}`;

async function merged(
  runs: readonly (readonly OrderRow[])[],
  { blockRows, partRows }: { readonly blockRows: number; readonly partRows: number },
): Promise<readonly (readonly string[])[]> {
  const parts: string[][] = [];
  const sources = runs.map((rows) => blocksOf(rows, blockRows));
  for await (const { rows, order: positions } of mergeSorted(sources, {
    eventType: order,
    partRows,
  }))
    parts.push(
      rows
        .take(positions)
        .toArray()
        .map((row: { toJSON(): OrderRow }) => textOf(row.toJSON())),
    );
  return parts;
}

/** Few different keys and events, so that keys are shared by rows and rows arrive twice. */
const someRows = fc.array(
  fc.record({ key: fc.integer({ min: 0, max: 12 }), event: fc.integer({ min: 0, max: 40 }) }),
  { maxLength: 40 },
);

describe('merging sorted runs', () => {
  it('gives every row once, in order, in parts that no key spans unless it is larger than one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(someRows, { maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 12 }),
        async (generated, blockRows, partRows) => {
          const runs = generated.map((rows) => rows.map(({ key, event }) => orderRow(key, event)));
          const parts = await merged(runs, { blockRows, partRows });
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

  it('holds few rows at a time, however many there are', async () => {
    const runs = [0, 1, 2].map((run) =>
      Array.from({ length: 600 }, (_, index) => orderRow(index * 3 + run)),
    );
    let most = 0;
    for await (const { rows } of mergeSorted(
      runs.map((rows) => blocksOf(rows, 10)),
      { eventType: order, partRows: 50 },
    ))
      most = Math.max(most, rows.rows);
    expect(most).toBeLessThanOrEqual(50 * 1.5 + 1 + 2 * 3 * 10);
  });
});
