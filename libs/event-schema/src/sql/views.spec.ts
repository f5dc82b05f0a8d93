import fc from 'fast-check';
import { defineEvent, type EventType } from '../definitions/define-event';
import { DuckDbCatalog, type DuckDbRow } from '../testing/duckdb-catalog';
import { catalogNames } from './views';

const change = (time?: string): EventType =>
  defineEvent({
    name: 'change',
    version: '1.0.0',
    key: 'id',
    identity: 'no',
    ...(time !== undefined && { time }),
    schema: {
      type: 'object',
      properties: {
        id: { type: 'string' },
        no: { type: 'integer' },
        at: { type: ['string', 'null'], format: 'date-time', digits: 3 },
      },
      required: ['id', 'no'],
    },
  });

interface Arrival {
  readonly id: string | null;
  readonly event: string | null;
  readonly day: string;
  readonly at: number | null;
}

const arrivals = fc.array(
  fc.record({
    id: fc.constantFrom('a', "b'", null),
    event: fc.constantFrom('1', '2', '3', null),
    day: fc.constantFrom('2026-01-01', '2026-01-02'),
    at: fc.constantFrom(0, 1, 2, null),
  }),
  { maxLength: 20 },
);

/** The moment of an index, one for each row: `no` tells the rows apart, and the later has the greater. */
const moment = (seconds: number): string =>
  `2026-01-01 00:00:${String(seconds).padStart(2, '0')}.000`;

const byNo = (rows: readonly DuckDbRow[]): readonly unknown[] =>
  rows.map((row) => Number(row['no'])).sort((a, b) => a - b);

async function filled(eventType: EventType, rows: readonly Arrival[]): Promise<DuckDbCatalog> {
  const catalog = await DuckDbCatalog.create({
    eventTypes: [eventType],
    references: [],
    joins: [],
  });
  // Stored in another order than that of arrival.
  await catalog.insert(
    catalogNames(eventType).rows,
    rows
      .map((row, no) => ({
        id: row.id,
        no,
        at: row.at === null ? null : moment(row.at),
        event_id: row.event,
        ingested_at: moment(no),
        dt: row.day,
      }))
      .reverse(),
  );
  return catalog;
}

test.each([undefined, 'at'])(
  'the latest row of each key, by %s',
  async (time) => {
    await fc.assert(
      fc.asyncProperty(arrivals, async (rows) => {
        const catalog = await filled(change(time), rows);
        const later = (a: number, b: number): boolean => {
          const [x, y] = [rows[a]?.at ?? -1, rows[b]?.at ?? -1];
          return time !== undefined && x !== y ? x > y : a > b;
        };
        const latest = new Map<string | null, number>();
        for (const [no, { id: key }] of rows.entries()) {
          const known = latest.get(key);
          if (known === undefined || later(no, known)) latest.set(key, no);
        }
        try {
          expect(byNo(await catalog.rows('SELECT * FROM change_latest'))).toEqual(
            [...latest.values()].sort((a, b) => a - b),
          );
        } finally {
          catalog.close();
        }
      }),
      { numRuns: 40 },
    );
  },
  120_000,
);

test('a filter on the key reaches the scan of the rows', async () => {
  const catalog = await filled(change(), [
    { id: 'a', event: '1', day: '2026-01-01', at: 0 },
    { id: 'b', event: '2', day: '2026-01-02', at: 0 },
  ]);
  const [plan] = await catalog.rows(
    `EXPLAIN (FORMAT json) SELECT * FROM change_latest WHERE id = 'b'`,
  );
  interface PlanNode {
    readonly name: string;
    readonly children: readonly PlanNode[];
    readonly extra_info: Readonly<Record<string, unknown>>;
  }
  const nodesOf = (node: PlanNode): readonly PlanNode[] => [
    node,
    ...node.children.flatMap(nodesOf),
  ];
  const nodes = (JSON.parse(String(plan?.['explain_value'])) as readonly PlanNode[]).flatMap(
    nodesOf,
  );
  // Whatever the engine makes of the view, the filter is at a scan.
  const scans = nodes.filter(({ name }) => name.includes('SEQ_SCAN'));
  expect(scans.map(({ extra_info }) => extra_info['Filters'])).toContain("id='b'");
  catalog.close();
});
