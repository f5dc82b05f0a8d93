import type { FirehoseTransformationEventRecord } from 'aws-lambda';
import { defineEvent, type EventType, type JsonSchema } from '@sluice/event-schema';

/** Events of one type for the transform bench, the same in every run. */
export interface EventSample {
  readonly eventType: EventType;
  /** Returns an event. @param index determines its values */
  readonly event: (index: number) => unknown;
}

const text: JsonSchema = { type: 'string' };
const integer: JsonSchema = { type: 'integer' };
const number: JsonSchema = { type: 'number' };
const boolean: JsonSchema = { type: 'boolean' };
const object = (properties: Record<string, JsonSchema>, required: string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required,
});

/** Events of some 600 bytes and four levels, typical of a product-analytics client. */
export const nestedSample: EventSample = {
  eventType: defineEvent({
    name: 'nested',
    version: '1.0.0',
    key: 'user.id',
    identity: 'id',
    schema: object(
      {
        id: text,
        type: text,
        time: { type: 'string', format: 'date-time' },
        user: object(
          {
            id: text,
            name: text,
            plan: { type: 'string', enum: ['free', 'team', 'enterprise'] },
            geo: object({ country: text, city: text, lat: number, lon: number }),
          },
          ['id'],
        ),
        device: object({
          os: text,
          version: text,
          screen: object({ width: integer, height: integer, ratio: number }),
        }),
        session: object({ id: integer, first: boolean, referrer: text }),
        tags: { type: 'array', items: text },
        items: { type: 'array', items: object({ sku: text, count: integer, price: number }) },
        amount: number,
      },
      ['id', 'type', 'user'],
    ),
  }),
  event: (index) => ({
    id: `evt-${(index * 2_654_435_761).toString(36)}`,
    type: index % 3 === 0 ? 'purchase' : 'page_view',
    time: new Date(1_760_000_000_000 + index * 977).toISOString(),
    user: {
      id: `user-${(index * 7919) % 100_003}`,
      name: index % 5 === 0 ? 'Zoë Müller' : 'Alex Smith',
      plan: ['free', 'team', 'enterprise'][index % 3],
      geo: { country: 'DE', city: 'Berlin', lat: 52.52 + index / 1e6, lon: 13.405 },
    },
    device: {
      os: 'Android',
      version: '14.0.1',
      screen: { width: 1080, height: 2400, ratio: 2.2222222222222223 },
    },
    session: {
      id: 1_700_000_000_000 + index,
      first: index % 7 === 0,
      referrer: 'https://example.com/landing?campaign=spring',
    },
    tags: ['beta', 'mobile', 'cohort-17'],
    items: [
      { sku: 'SKU-1009', count: 1, price: 19.99 },
      { sku: 'SKU-2203', count: 3, price: 4.5 },
    ],
    amount: 33.49 + (index % 100),
  }),
};

const wideGroups = 15;
const wideLeaves = 16;

const wideValue = (leaf: number, index: number): unknown => {
  switch (leaf % 4) {
    case 0:
      return (index * (leaf + 17)) % 100_000;
    case 1:
      return `value ${(index + leaf) % 977}`;
    case 2:
      return (index % 1000) / 8 + leaf;
    default:
      return (index + leaf) % 2 === 0;
  }
};

/** Events with 240 leaves in 15 objects. */
export const wideSample: EventSample = {
  eventType: defineEvent({
    name: 'wide',
    version: '1.0.0',
    key: 'id',
    identity: 'id',
    schema: object(
      {
        id: text,
        ...Object.fromEntries(
          Array.from({ length: wideGroups }, (_, group) => [
            `group${group}`,
            object(
              Object.fromEntries(
                Array.from({ length: wideLeaves }, (__, leaf) => [
                  `measurement${leaf}`,
                  [integer, text, number, boolean][leaf % 4] ?? text,
                ]),
              ),
            ),
          ]),
        ),
      },
      ['id'],
    ),
  }),
  event: (index) => ({
    id: `wide-${index}`,
    ...Object.fromEntries(
      Array.from({ length: wideGroups }, (_, group) => [
        `group${group}`,
        Object.fromEntries(
          Array.from({ length: wideLeaves }, (__, leaf) => [
            `measurement${leaf}`,
            wideValue(leaf, index + group),
          ]),
        ),
      ]),
    ),
  }),
};

/** Returns an event as a record of a Firehose request. */
export const firehoseRecord = (
  { event }: EventSample,
  index: number,
): FirehoseTransformationEventRecord => ({
  recordId: String(49_546_986_683_135 + index),
  approximateArrivalTimestamp: 1_760_000_000_000 + (index >> 3),
  data: Buffer.from(JSON.stringify(event(index))).toString('base64'),
  kinesisRecordMetadata: {
    shardId: 'shardId-000000000000',
    partitionKey: `user-${index}`,
    approximateArrivalTimestamp: 1_760_000_000_000 + (index >> 3),
    sequenceNumber: `4954698668313554428650745793632162567570019247115${6_785_154 + index}`,
    subsequenceNumber: '',
  },
});
