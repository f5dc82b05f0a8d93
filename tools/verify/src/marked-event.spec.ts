import { defineEvent, type EventType } from '@sluice/event-schema';
import { shippedEventTypes } from '@sluice/event-types';
import { compileFlattener } from '@sluice/record-flattening';
import { parse } from 'lossless-json';
import { compareRow, hasMark, type Row } from './compare-row';
import { markedEvent, type Variant } from './marked-event';

const kitchenSink = defineEvent({
  name: 'kitchen_sink',
  version: '1.0.0',
  key: 'order.number',
  identity: 'order.number',
  schema: {
    type: 'object',
    required: ['order', 'small', 'code', 'kind', 'at'],
    properties: {
      order: {
        type: 'object',
        required: ['number'],
        properties: { number: { type: 'integer' }, note: { type: ['string', 'null'] } },
      },
      small: { type: 'integer', minimum: -5, maximum: 5 },
      code: { type: 'string', pattern: '^[A-Z]{2}-[0-9]{4}$' },
      kind: { type: 'string', enum: ['a', 'b'] },
      at: { type: 'string', format: 'date-time', digits: 6 },
      day: { type: 'string', format: 'date' },
      amount: { type: 'string', format: 'decimal', precision: 38, scale: 18 },
      ratio: { type: 'number', minimum: 0, maximum: 1 },
      short: { type: 'string', minLength: 3, maxLength: 5 },
      tags: { type: 'array', items: { type: 'string' }, maxItems: 1 },
      lines: { type: 'array', items: { type: 'object', properties: { n: { type: 'integer' } } } },
      free: { type: 'object' },
      either: { type: ['integer', 'string'] },
      gone: {
        anyOf: [{ type: 'object', properties: { x: { type: 'string' } } }, { type: 'null' }],
      },
      assumed: { type: 'integer', default: 7 },
    },
  },
});

const arrivalMs = Date.parse('2026-11-26T12:00:00Z');

/** Returns the row that the transformer writes. */
function rowOf(eventType: EventType, text: string): Row {
  const result = compileFlattener(eventType).flatten(Buffer.from(text), {
    shardId: 'shardId-000000000000',
    sequenceNumber: '1',
    arrivalMs,
  });
  if (result.status !== 'rows') throw new Error(JSON.stringify(result));
  const row = parse(Buffer.from(result.bytes).toString('utf8')) as Record<string, unknown>;
  // A row of the function leaves nulls out; a look-up has every column.
  return row;
}

const cases = [...shippedEventTypes, kitchenSink].flatMap((eventType) =>
  (['full', 'sparse'] as const).map((variant) => [eventType.name, variant, eventType] as const),
);

describe.each(cases)('an event of %s, %s', (_, variant: Variant, eventType) => {
  const marked = markedEvent({
    eventType,
    variant,
    mark: 'verify-x',
    number: 3,
    startedAtMs: arrivalMs,
  });

  test('conforms to its schema and bears its mark', () =>
    expect(hasMark(rowOf(eventType, marked.text), marked)).toBe(true));

  test('has a key of its own', () => {
    const other = markedEvent({
      eventType,
      variant,
      mark: 'verify-x',
      number: 4,
      startedAtMs: arrivalMs,
    });
    expect(other.key).not.toBe(marked.key);
  });
});

describe('a difference is found', () => {
  const marked = markedEvent({
    eventType: kitchenSink,
    variant: 'full',
    mark: 'verify-x',
    number: 1,
    startedAtMs: arrivalMs,
  });
  const { order, ...event } = marked.event as Record<string, never>;
  const { number, note } = order as unknown as Record<string, unknown>;
  const row: Row = {
    order_number: (number as { value: string }).value,
    order_note: note,
    ...Object.fromEntries(
      ['small', 'code', 'kind', 'at', 'day', 'amount', 'ratio', 'short', 'tags'].map((name) => [
        name,
        event[name],
      ]),
    ),
    lines: '[{"n":4611688408000000000},{"n":4611688408000000000}]',
    free: '{ "n": 12.5, "any.name": "é" }',
    either: '4611688408000000000',
    gone_x: (event['gone'] as unknown as { x: string }).x,
    assumed: event['assumed'],
    event_id: (number as { value: string }).value,
    ingested_at: '2026-11-26T12:00:00.000Z',
    unmapped: JSON.stringify({ sluice_verify: { mark: 'verify-x', number: 1, text: 'Zoë 東京' } }),
  };
  const lines = `[{"n":${row['order_number'] as string}},{"n":${row['order_number'] as string}}]`;
  const right: Row = { ...row, lines, either: row['order_number'] };
  const differences = (changed: Row) =>
    compareRow({ ...right, ...changed }, marked, { arrivedMs: [arrivalMs, arrivalMs] }).map(
      ({ column }) => column,
    );

  test('only where there is one', () => expect(differences({})).toEqual([]));

  test.each([
    ['a double of a 64-bit integer', { order_number: '4611688408000001000' }, 'order_number'],
    ['text without an accent', { order_note: 'Zoe' }, 'order_note'],
    ['a lost digit of a decimal', { amount: '-12345678912345678912.12345678912345678' }, 'amount'],
    ['a lost digit of a second', { at: '2024-02-29T23:59:58.999Z' }, 'at'],
    ['a day off by one', { day: '2024-03-01' }, 'day'],
    ['a null', { kind: null }, 'kind'],
    ['an item less', { tags: [] }, 'tags'],
    ['other JSON', { free: '{"any.name":"é"}' }, 'free'],
    ['another identity', { event_id: '1' }, 'event_id'],
    ['another arrival', { ingested_at: '2026-11-26T12:00:00.001Z' }, 'ingested_at'],
    ['nothing unmapped', { unmapped: null }, 'unmapped'],
    ['a column that nobody asked for', { extra: null }, 'extra'],
  ])('in %s', (_, changed, column) => expect(differences(changed as Row)).toEqual([column]));

  test('in a column that is not there', () => {
    const without = Object.fromEntries(
      Object.entries(right).filter(([column]) => column !== 'small'),
    );
    expect(
      compareRow(without, marked, { arrivedMs: [arrivalMs, arrivalMs] }).map(
        ({ column, observed }) => ({
          column,
          observed,
        }),
      ),
    ).toEqual([{ column: 'small', observed: 'no such column' }]);
  });
});
