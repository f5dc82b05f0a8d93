import { defineEvent, type EventType, type JsonSchema } from '@sluice/event-schema';
import { createTestApi, jsonOf, today } from './testing/test-api';

const eventTypeWith = (key: JsonSchema): EventType =>
  defineEvent({
    name: 'keyed',
    version: '1.0.0',
    key: 'k',
    schema: { type: 'object', required: ['k'], properties: { k: key, n: { type: 'integer' } } },
  });

interface KeyCase {
  readonly schema: JsonSchema;
  /** Ids as posted in rows, in the order of the key. */
  readonly stored: readonly string[];
  /** Ids in a look-up that find each of them, in other spellings. @default `stored` */
  readonly ids?: readonly string[];
  readonly refused: readonly string[];
}

const cases: Readonly<Record<string, KeyCase>> = {
  integer: {
    schema: { type: 'integer' },
    stored: ['-9223372036854775808', '-2', '10', '9', '9007199254740993', '9223372036854775807'],
    refused: ['1.5', 'ten', '9223372036854775808', ' 1', '0x10', '1e3'],
  },
  string: {
    schema: { type: 'string' },
    stored: ['', 'A', 'a', 'a b', 'ä', '€', '\uffff', '😀', '9'].filter((id) => id !== ''),
    refused: ['cut \ud83d', '\ude00'],
  },
  uuid: {
    schema: { type: 'string', format: 'uuid' },
    stored: ['00000000-0000-4000-8000-000000000001', 'abcdefab-0000-4000-8000-000000000001'],
    ids: ['00000000-0000-4000-8000-000000000001', 'ABCDEFAB-0000-4000-8000-000000000001'],
    refused: ['abc', 'abcdefab00004000800000000000000001', 'g0000000-0000-4000-8000-000000000001'],
  },
  date: {
    schema: { type: 'string', format: 'date' },
    stored: ['1969-12-31', '2026-01-31', '2026-02-01'],
    refused: ['2026-02-30', '31.01.2026', '2026-1-1'],
  },
  timestamp: {
    schema: { type: 'string', format: 'date-time', digits: 6 },
    stored: [
      '1969-12-31 23:59:59.999999',
      '2026-01-31 12:00:00.000001',
      '2026-01-31 12:00:01.000000',
    ],
    ids: ['1969-12-31T23:59:59.999999Z', '2026-01-31T13:00:00.000001+01:00', '2026-01-31 12:00:01'],
    refused: ['yesterday', '2026-01-31T25:00:00Z'],
  },
  decimal: {
    schema: { type: 'string', format: 'decimal', precision: 30, scale: 2 },
    stored: ['-1.50', '0.05', '1234567890123456789012345.67'],
    ids: ['-1.5', '0.050', '1234567890123456789012345.67'],
    refused: ['1.234', '1,5', 'NaN'],
  },
};

describe.each(Object.entries(cases))(
  'a key of type %s',
  (_, { schema, stored, ids = stored, refused }) => {
    const eventType = eventTypeWith(schema);
    const rows = stored.map((k, n) => ({ k, n, event_id: `e${n}` }));

    it.each(['raw', 'compacted', 'both'])('is found in files (%s)', async (kind) => {
      const { lake, get } = createTestApi(eventType);
      if (kind !== 'compacted') await lake.addRaw(today, rows);
      if (kind !== 'raw') await lake.addCompacted(today, rows, { sealed: false });
      for (const [n, id] of ids.entries())
        expect((await get({ id, date: today, columns: 'n' })).rows).toEqual([{ n }]);
    });

    it('refuses an id that can not be one', async () => {
      const { send, store } = createTestApi(eventType);
      for (const id of refused)
        expect(await send({ query: { id } })).toMatchObject({ status: 400 });
      expect(store.requests).toBe(0);
    });

    it('orders rows of several ids as its files are', async () => {
      const { lake, send } = createTestApi(eventType);
      await lake.addRaw(today, rows.toReversed());
      const body = JSON.stringify({ ids: ids.toReversed(), columns: ['n'], limit: 1 });
      const answer = await send({ method: 'POST', path: '/v1/events/keyed/lookup', body });
      const { cursor, rows: first } = jsonOf(answer);
      const inOrder =
        schema.type === 'integer'
          ? [0, 1, 3, 2, 4, 5]
          : schema.format
            ? rows.map(({ n }) => n)
            : [7, 0, 1, 2, 3, 4, 5, 6];
      expect(first.map(({ n }) => n)).toEqual(inOrder.slice(0, 1));
      const next = await send({
        method: 'POST',
        path: '/v1/events/keyed/lookup',
        body: JSON.stringify({ ids, columns: ['n'], cursor }),
      });
      expect(jsonOf(next).rows.map(({ n }) => n)).toEqual(inOrder.slice(1));
    });
  },
);
