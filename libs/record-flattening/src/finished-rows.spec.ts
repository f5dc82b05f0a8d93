import { defineEvent, type EventType } from '@sluice/event-schema';
import { kitchenSink } from '@sluice/event-schema/testing/kitchen-sink';
import { sale } from '@sluice/event-schema/testing/shop';
import { compileRowCheck, holdsFinishedRows } from './finished-rows';
import { compileFlattener } from './flattener';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const origin = { shardId: 'shard-1', sequenceNumber: '7', arrivalMs: 1_769_904_000_000 };

const reading = (properties: object, required: readonly string[] = []): EventType =>
  defineEvent({
    name: 'reading',
    version: '1.0.0',
    key: 'sensor',
    schema: {
      type: 'object',
      required: ['sensor', ...required],
      properties: { sensor: { type: 'string' }, ...properties },
    },
  });

const rowsOf = (eventType: EventType, event: string): Uint8Array => {
  const result = compileFlattener(eventType).flatten(bytesOf(event), origin);
  if (result.status !== 'rows') throw new Error(JSON.stringify(result));
  return result.bytes.slice();
};

const checked = (eventType: EventType, rows: Uint8Array): unknown => {
  const result = compileRowCheck(eventType).check(rows);
  if (result.status === 'rows') return textOf(result.bytes);
  return result.status === 'fault' ? `${result.fault.code} ${result.fault.path}` : result.status;
};

describe('finished rows', () => {
  const aSale = {
    ...{ id: 1, kind: 'Sale', customerId: 2, shopId: 3, productId: 4, voucher: 'x' },
    ...{ amount: 2.5, parts: [{ sku: 'a', count: 1 }], marks: ['gift', ''] },
  };
  const everything = {
    ...{ event_id: '0190163d-8694-739b-aea5-966c26f8ad91', key: { id: 1 }, day: null },
    ...{ at: '2026-01-31T12:00:00.123456Z', second: '2026-01-31T12:00:00Z', price: '12.50' },
    ...{
      ratio: 0.1,
      count: 3,
      ok: false,
      code: 'ab',
      state: 'on',
      tags: ['a'],
      numbers: [1, null],
    },
    ...{ lines: [{ sku: 'x' }], mixed: 7, free: { any: [1] }, place: { city: 'Rome' }, other: 1.5 },
  };

  it.each([
    [sale, [aSale, { ...aSale, id: 2, voucher: 7, more: { a: null } }]],
    [
      kitchenSink,
      [everything, { ...everything, second: undefined, place: null, day: '2026-01-31' }],
    ],
  ])('of $name come out as they went in', (eventType, events) => {
    const rows = rowsOf(eventType, events.map((event) => JSON.stringify(event)).join('\n'));
    expect(holdsFinishedRows(rows)).toBe(true);
    const result = compileRowCheck(eventType).check(rows);
    expect(result).toMatchObject({ status: 'rows', rows: events.length });
    const lines = (bytes: Uint8Array): unknown[] =>
      textOf(bytes)
        .trimEnd()
        .split('\n')
        .map((line) => Object.entries(JSON.parse(line) as object).sort());
    if (result.status === 'rows') expect(lines(result.bytes)).toEqual(lines(rows));
  });

  it('of an earlier version get their decimals as texts, with every digit', () => {
    const decimal = { type: 'number', format: 'decimal', precision: 38, scale: 18 };
    const eventType = reading({ amount: decimal, amounts: { type: 'array', items: decimal } });
    const row = (amount: string, amounts: string): string =>
      `{"sensor":"a","amount":${amount},"amounts":${amounts},"event_id":"1","ingested_at":"2026-01-31 12:00:00.000"}\n`;
    const written = row('1234567890123456.7001', '[98765432109876.543, null,"1.5",-2]');
    expect(checked(eventType, bytesOf(written))).toBe(
      row('"1234567890123456.7001"', '["98765432109876.543", null,"1.5","-2"]'),
    );
  });

  it('keep every digit', () => {
    const eventType = reading({
      big: { type: 'integer' },
      amount: { type: 'number', format: 'decimal', precision: 38, scale: 18 },
    });
    const row =
      '{"sensor":"s","big":9223372036854775807,"amount":"12345678901234567890.123456789012345678","event_id":"e:1:0","ingested_at":"2026-02-01 00:00:00.000"}\n';
    expect(checked(eventType, bytesOf(row))).toBe(row);
  });

  it.each([
    [{ v: { type: 'integer' } }, '"text"', 'type /0/v'],
    [{ v: { type: 'integer' } }, '9223372036854775808', 'range /0/v'],
    [{ v: { type: 'integer' } }, '1.5', 'range /0/v'],
    [{ v: { type: 'number' } }, '"1"', 'type /0/v'],
    [{ v: { type: 'number' } }, '1e999', 'range /0/v'],
    [{ v: { type: 'boolean' } }, '1', 'type /0/v'],
    [{ v: { type: 'string' } }, '1', 'type /0/v'],
    [{ v: { type: 'object' } }, '{"a":1}', 'type /0/v'],
    [{ v: { type: 'string', format: 'date' } }, '"2026-02-30"', 'type /0/v'],
    [{ v: { type: 'string', format: 'date-time' } }, '"2026-02-01T00:00:00Z"', 'type /0/v'],
    [
      { v: { type: 'string', format: 'decimal', precision: 4, scale: 2 } },
      '"123.45"',
      'range /0/v',
    ],
    [
      { v: { type: 'string', format: 'decimal', precision: 4, scale: 2 } },
      '1e999999999',
      'type /0/v',
    ],
    [{ v: { type: 'array', items: { type: 'integer' } } }, '[1,"x"]', 'type /0/v'],
    [{ v: { type: 'array', items: { type: 'integer' } } }, '1', 'type /0/v'],
  ])('are held to the columns %j: %s gives %s', (properties, value, expected) => {
    const row = `{"sensor":"s","v":${value},"event_id":"e","ingested_at":"2026-02-01 00:00:00.000"}`;
    expect(checked(reading(properties), bytesOf(row))).toBe(expected);
  });

  it('are refused where a required column is missing or null', () => {
    const eventType = reading({ v: { type: 'integer' } }, ['v']);
    const row = (v: string): Uint8Array =>
      bytesOf(`{"sensor":"s"${v},"event_id":"e","ingested_at":"2026-02-01 00:00:00.000"}`);
    expect(checked(eventType, row(''))).toBe('required /0/v');
    expect(checked(eventType, row(',"v":null'))).toBe('null /0/v');
  });

  it.each(['', ' \n'])('are refused where there are none: %j', (rows) => {
    expect(checked(reading({}), bytesOf(rows))).toBe('blank ');
  });

  it('keep in unmapped what the table has no column for any more', () => {
    const rows = rowsOf(
      reading({ old: { type: 'number' } }),
      '{"sensor":"s","old":1.50,"extra":{"a":2}}',
    );
    const row = JSON.parse(checked(reading({}), rows) as string) as Record<string, string>;
    expect(row).not.toHaveProperty('old');
    expect(row['unmapped']).toBe('{"extra":{"a":2},"old":1.50}');
  });

  it.each([
    '{"sensor":"s"}',
    '{"sensor":"s","event_id":"e","ingested_at":"2026-02-01T00:00:00.000Z"}',
    '{"sensor":"s","event_id":1,"ingested_at":"2026-02-01 00:00:00.000"}',
    '{"sensor":"s","event_id":"e","ingested_at":"2026-02-01 00:00:00.000","camelCase":1}',
    '{"event_id":"e","ingested_at":"2026-02-01 00:00:00.000"}{"sensor":"s"}',
    '[]',
    'garbage',
    '',
  ])('are not what an event looks like: %s', (text) => {
    expect(holdsFinishedRows(bytesOf(text))).toBe(false);
  });

  it.each(['{"sensor"', 'garbage', '{"sensor":"s"}{', '\xff'])('never throw: %s', (text) => {
    expect(compileRowCheck(reading({})).check(Buffer.from(text, 'latin1')).status).toBe('fault');
  });
});
