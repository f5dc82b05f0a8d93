import { defineEvent, type EventType } from '@sluice/event-schema';
import { breakingChanges, compareEventTypes } from '@sluice/event-schema/compatibility';
import { Type, type TSchema } from '@sinclair/typebox';
import { SmallLake } from './small-lake';

const version = (version: string, properties: Record<string, TSchema>): EventType =>
  defineEvent({
    name: 'order',
    version,
    key: 'id',
    identity: 'id',
    schema: Type.Object({ id: Type.String(), ...properties }),
  });

const decimal = (precision: number, scale: number): TSchema =>
  Type.String({ format: 'decimal', precision, scale });

const exactNumber = (): TSchema =>
  Type.Unsafe({ type: 'number', format: 'decimal', precision: 21, scale: 2 });

describe('files of an older version, read under a newer one that the compatibility check lets through', () => {
  const older = version('1.0.0', {
    count: Type.Integer(),
    price: decimal(10, 2),
    at: Type.String({ format: 'date-time', digits: 3 }),
    sizes: Type.Array(Type.Integer()),
    note: Type.String(),
  });
  const newer = version('1.1.0', {
    added: Type.Optional(
      Type.Object({ inside: Type.Integer(), day: Type.String({ format: 'date' }) }),
    ),
    count: exactNumber(),
    price: decimal(14, 4),
    at: Type.String({ format: 'date-time', digits: 6 }),
    sizes: Type.Array(exactNumber()),
    note: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  });
  const lake = new SmallLake();

  beforeAll(async () => {
    // Earlier releases took such a change as compatible; the open table alone can't follow it.
    const audiences = breakingChanges(compareEventTypes([older], [newer])).flatMap(({ breaks }) =>
      breaks.map(({ audience }) => audience),
    );
    expect(new Set(audiences)).toEqual(new Set(['queries']));
    await lake.ingest(older, [
      '{"id":"old","count":9007199254740993,"price":"12.50","at":"2026-01-31T12:00:00.123Z","sizes":[1,2],"note":"n"}',
    ]);
    await lake.ingest(newer, [
      '{"id":"new","count":7.5,"price":"12.5001","at":"2026-01-31T12:00:00.123456Z","sizes":[1.5],"added":{"inside":1,"day":"2026-01-31"}}',
    ]);
  });

  test('keep their values in the wider types, and are null where a column is new', async () => {
    expect(await lake.lookUp(newer, 'old')).toMatchObject({
      count: '9007199254740993.00',
      price: '12.5000',
      at: '2026-01-31T12:00:00.123000Z',
      sizes: ['1.00', '2.00'],
      note: 'n',
      added_inside: null,
      added_day: null,
    });
  });

  test('lie beside files of the newer version', async () => {
    expect(await lake.lookUp(newer, 'new')).toMatchObject({
      count: '7.50',
      price: '12.5001',
      at: '2026-01-31T12:00:00.123456Z',
      sizes: ['1.50'],
      note: null,
      added_inside: 1,
      added_day: '2026-01-31',
    });
  });

  test('are no concern of a new major version, which has a table of its own', async () => {
    const next = version('2.0.0', { count: Type.String() });
    expect(breakingChanges(compareEventTypes([newer], [next]))).toEqual([]);
    await lake.ingest(next, ['{"id":"old","count":"seven"}']);
    expect(await lake.lookUp(next, 'old')).toMatchObject({ count: 'seven' });
  });
});
