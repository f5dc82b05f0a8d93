import fc from 'fast-check';
import { createHash } from 'node:crypto';
import {
  fastHashKey,
  fastParseSequence,
  fastStringifySequence,
  type HashKey,
  type ParseSequence,
  type SequenceParts,
  type StringifySequence,
} from './sequence-numbers';

const original = jest.requireActual<{
  readonly parseSequence: ParseSequence;
  readonly stringifySequence: StringifySequence;
  readonly partitionKeyToHashKey: (partitionKey: string) => HashKey;
}>('kinesalite/db');

const parse = fastParseSequence(original.parseSequence);
const stringify = fastStringifySequence(original.stringifySequence);

const time = fc.integer({ min: 0, max: 16025174999 }).map((seconds) => seconds * 1000 + 7);

const parts: fc.Arbitrary<SequenceParts> = fc.record(
  {
    shardCreateTime: time,
    seqIx: fc.oneof(fc.nat(), fc.bigInt(0n, 2n ** 63n - 1n).map(String), fc.constant(null)),
    seqTime: time,
    shardIx: fc.nat(0x7fffffff),
    version: fc.constantFrom(2, 1, 0, null),
  },
  { requiredKeys: ['shardCreateTime'] },
);

const outcome = (task: () => unknown): unknown => {
  try {
    return { value: task() };
  } catch (error) {
    return { error: String(error) };
  }
};

describe('sequence numbers', () => {
  test('are written as kinesalite writes them', () => {
    fc.assert(
      fc.property(parts, (given) => {
        expect(outcome(() => stringify(given))).toEqual(
          outcome(() => original.stringifySequence(given)),
        );
      }),
    );
  });

  test('are read as kinesalite reads them, and refused as it refuses them', () => {
    const digits = fc.oneof(
      parts.map((given) => original.stringifySequence(given)),
      fc.bigInt(0n, 2n ** 187n).map(String),
      fc.string(),
    );
    fc.assert(
      fc.property(digits, (sequence) => {
        expect(outcome(() => parse(sequence))).toEqual(
          outcome(() => original.parseSequence(sequence)),
        );
      }),
    );
  });

  test('go to the shard that kinesalite sends them to', () => {
    const hashKey = fastHashKey((key) => createHash('md5').update(key, 'utf8').digest('hex'));
    fc.assert(
      fc.property(fc.string(), fc.bigInt(0n, 2n ** 128n - 1n), (key, bound) => {
        expect(hashKey(key).comparedTo(String(bound))).toBe(
          original.partitionKeyToHashKey(key).comparedTo(String(bound)),
        );
      }),
    );
  });
});
