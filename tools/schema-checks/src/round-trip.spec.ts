import { eventColumns, type Column, type ColumnType } from '@sluice/event-schema';
import fc from 'fast-check';
import { isLosslessNumber } from 'lossless-json';
import { randomEventType } from './random-event-type';
import { exactJson } from './reassembled-event';
import { SmallLake } from './small-lake';

/** Returns the value at a column's path in an event with exact numbers; undefined where there is none. */
const valueAt = (event: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined,
    event,
  );

/** Returns the same form for equal values, whether they come from an event or from a look-up. */
function canonical(type: ColumnType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  const word = isLosslessNumber(value) ? value.value : value;
  switch (type.kind) {
    case 'bigint':
      return BigInt(word as string);
    case 'double':
      // Parquet keeps -0, JSON texts of it do not.
      return Number(word) + 0;
    case 'decimal':
      return (word as string)
        .replace(/(\.\d*?)0+$/, '$1')
        .replace(/\.$/, '')
        .replace(/^-0$/, '0');
    case 'array':
      return (value as readonly unknown[]).map((item) => canonical(type.items, item));
    default:
      return word;
  }
}

function expectSame(column: Column, event: unknown, row: Readonly<Record<string, unknown>>): void {
  const parent = valueAt(event, column.path.slice(0, -1));
  const given = valueAt(event, column.path);
  const sent =
    given === undefined && parent !== undefined && parent !== null ? column.schema.default : given;
  const found = row[column.name];
  if (column.type.kind === 'json') {
    // Null is a value that JSON text can hold, and a column that is null.
    expect(typeof found === 'string' ? exactJson(found) : null).toEqual(sent ?? null);
    return;
  }
  expect(canonical(column.type, found)).toEqual(canonical(column.type, sent));
}

test('random events of random types come back from a look-up as they were sent', async () => {
  await fc.assert(
    fc.asyncProperty(randomEventType(4), async ({ eventType, events }) => {
      const lake = new SmallLake();
      await lake.ingest(eventType, events);
      for (const [index, text] of events.entries()) {
        const row = await lake.lookUp(eventType, `event-${index}`);
        const event = exactJson(text);
        for (const column of eventColumns(eventType)) expectSame(column, event, row);
        expect(row['event_id']).toBe(`event-${index}`);
        const unmapped = row['unmapped'] === null ? {} : exactJson(row['unmapped'] as string);
        expect((unmapped as { extra?: unknown }).extra).toEqual(valueAt(event, ['extra']));
      }
    }),
    { numRuns: 40 },
  );
});
