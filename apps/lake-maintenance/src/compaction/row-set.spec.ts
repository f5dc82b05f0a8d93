import { defineEvent, type JsonSchema } from '@sluice/event-schema';
import { codePoint } from '@sluice/event-schema/testing/code-point';
import { keyOrder } from '@sluice/lake-layout';
import fc from 'fast-check';
import { readParquetTable } from './read-parquet';
import { RowSet } from './row-set';
import { rawFile } from './testing';

const keyed = (key: JsonSchema) =>
  defineEvent({
    name: 'keyed',
    version: '1.0.0',
    key: 'key',
    schema: { type: 'object', required: ['key'], properties: { key } },
  });

const day = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());

describe('the order of rows', () => {
  it.each<[string, JsonSchema, fc.Arbitrary<string>]>([
    ['text', { type: 'string' }, fc.string({ unit: codePoint, maxLength: 12 })],
    [
      'text that begins alike',
      { type: 'string' },
      fc.integer({ min: 0, max: 5000 }).map((n) => `order/2026/${n}`),
    ],
    [
      '64-bit integers',
      { type: 'integer' },
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    ],
    ['small integers', { type: 'integer' }, fc.integer({ min: -20, max: 20 }).map(String)],
    ['dates', { type: 'string', format: 'date' }, day.map((text) => text.slice(0, 10))],
    [
      'times',
      { type: 'string', format: 'date-time' },
      day.map((text) => text.slice(0, 23).replace('T', ' ')),
    ],
    [
      'decimals',
      { type: 'string', format: 'decimal', precision: 12, scale: 2 },
      fc
        .integer({ min: -1e9, max: 1e9 })
        .map((cents) => `${cents < 0 ? '-' : ''}${(Math.abs(cents) / 100).toFixed(2)}`),
    ],
  ])('is that of the key, and the keys are rendered as they came: %s', (_, schema, arbitrary) => {
    const eventType = keyed(schema);
    const column = new RowSet(eventType);
    expect(column.rows).toBe(0);
    fc.assert(
      fc.property(fc.array(arbitrary, { minLength: 1, maxLength: 60 }), (keys) => {
        const rows = new RowSet(eventType);
        rows.append(
          readParquetTable(
            rawFile(
              keys.map((key, event) => ({ key, event_id: String(event) })),
              eventType,
            ),
          ),
        );
        const type = rows.keyType;
        const sorted = [...rows.sortedOrder()].map((row) => rows.keyText(row));
        const expected = [...keys].sort(keyOrder(type));
        expect(sorted).toEqual(expected.map((key) => (key === '-0.00' ? '0.00' : key)));
      }),
      { numRuns: 40 },
    );
  });
});
