import { Command } from 'commander';
import { count, type ShowReport } from '../bench-command';
import type { FirehoseTransformationEventRecord } from 'aws-lambda';
import { batchTransformer, type BatchTransformer } from '@sluice/firehose-transformer';
import { defineEvent } from '@sluice/event-schema';
import { KeyedHash } from '@sluice/privacy';
import { compileFlattener } from '@sluice/record-flattening';
import type { BenchFigure, BenchReport } from '../bench-report';
import {
  interleavedRounds,
  median,
  ratios,
  spreadOf,
  type Contender,
  type RoundTimes,
} from '../interleaved-rounds';
import { transformFunctionFigures } from './transform-function';
import { firehoseRecord, nestedSample, wideSample, type EventSample } from '../sample-events';

export interface TransformBenchOptions {
  /** Records of nested events in one round; of wide events a tenth of that. @default 4000 */
  readonly records?: number;
  /** Number of rounds. @default 25 */
  readonly rounds?: number;
}

/** Does the least work of any Lambda that reads its records: decode, parse, serialise, encode. */
const floor = ({ data }: FirehoseTransformationEventRecord): string =>
  Buffer.from(JSON.stringify(JSON.parse(Buffer.from(data, 'base64').toString('utf8')))).toString(
    'base64',
  );

const flattenRecursively = (value: unknown, path: string, row: Record<string, unknown>): void => {
  if (value !== null && typeof value === 'object' && !Array.isArray(value))
    for (const [name, child] of Object.entries(value))
      flattenRecursively(child, path ? `${path}_${name}` : name, row);
  else row[path] = value;
};

/** Does what a typical Lambda does: parses, flattens by recursion, serialises. It has no types and no checks. */
const plainFlatten = ({ data }: FirehoseTransformationEventRecord): string => {
  const row: Record<string, unknown> = {};
  flattenRecursively(JSON.parse(Buffer.from(data, 'base64').toString('utf8')), '', row);
  return Buffer.from(`${JSON.stringify(row)}\n`).toString('base64');
};

const sluice = 'sluice';
const withPrivacy = 'sluice with three rules of privacy';
const rivals = { floor: 'parse and stringify', plain: 'plain recursive flatten' } as const;

/** An event type that hashes the two values that name a person, and masks a third. */
const privateEventType = defineEvent({
  ...nestedSample.eventType,
  subject: 'user.id',
  privacy: { 'user.id': 'hash', 'user.name': 'hash', 'session.referrer': 'mask' },
});

function contenders(
  sample: EventSample,
  records: readonly FirehoseTransformationEventRecord[],
): readonly Contender[] {
  const transformer = (options: Parameters<typeof compileFlattener>): BatchTransformer =>
    batchTransformer({
      flattener: compileFlattener(...options),
      putBack: () => Promise.reject(new Error('the bench stays below the limit')),
      responseLimitBytes: Number.MAX_SAFE_INTEGER,
    });
  const transform = transformer([sample.eventType]);
  const hash = new KeyedHash('1', new Uint8Array(32).fill(1));
  const transformPrivate = transformer([privateEventType, { hash }]);
  return [
    { name: sluice, run: () => transform(records) },
    ...(sample === nestedSample
      ? [{ name: withPrivacy, run: () => transformPrivate(records) }]
      : []),
    { name: rivals.floor, run: () => records.map(floor) },
    { name: rivals.plain, run: () => records.map(plainFlatten) },
  ];
}

/** Measures the transformer's handler against rivals that do less, on the same records in the same run. */
export async function runTransformBench({
  records = 4000,
  rounds = 25,
}: TransformBenchOptions = {}): Promise<BenchReport> {
  const measure = async (sample: EventSample, count: number): Promise<RoundTimes> => {
    const batch = Array.from({ length: count }, (_, index) => firehoseRecord(sample, index));
    return interleavedRounds(contenders(sample, batch), { rounds });
  };
  const wideRecords = Math.ceil(records / 10);
  const functionFigures = await transformFunctionFigures();
  const nested = await measure(nestedSample, records);
  const wide = await measure(wideSample, wideRecords);

  const rate = (label: string, times: RoundTimes, name: string, count: number): BenchFigure => {
    const rates = (times.get(name) ?? []).map((ms) => (count / ms) * 1000);
    return {
      name: `${label}: ${name}`,
      value: median(rates),
      unit: 'records/s',
      spread: spreadOf(rates),
    };
  };
  const against = (
    label: string,
    times: RoundTimes,
    rival: string,
    atLeast?: number,
    name = sluice,
  ): BenchFigure => {
    const each = ratios(times, name, rival);
    return {
      name: `${label}: ${name === sluice ? '' : `${name} `}times as fast as ${rival}`,
      value: median(each),
      unit: '×',
      spread: spreadOf(each),
      ...(atLeast !== undefined && { target: { atLeast } }),
    };
  };
  const bytes = Buffer.byteLength(JSON.stringify(nestedSample.event(1)));
  const wideBytes = Buffer.byteLength(JSON.stringify(wideSample.event(1)));
  return {
    name: 'transform',
    about: `nested events of ${bytes} bytes (${records} a round), wide ones of 240 leaves and ${wideBytes} bytes (${wideRecords} a round), ${rounds} rounds`,
    figures: [
      ...[sluice, rivals.floor, rivals.plain].map((name) => rate('nested', nested, name, records)),
      rate('nested', nested, withPrivacy, records),
      against('nested', nested, rivals.floor, 1),
      against('nested', nested, sluice, 0.8, withPrivacy),
      against('nested', nested, rivals.plain),
      ...[sluice, rivals.floor, rivals.plain].map((name) => rate('wide', wide, name, wideRecords)),
      against('wide', wide, rivals.floor),
      against('wide', wide, rivals.plain, 3),
      ...functionFigures,
    ],
  };
}

export const transformCommand = (show: ShowReport): Command =>
  new Command('transform')
    .description('the transformer against parsing and serialising, and against a plain flatten')
    .option('--records <count>', 'records of one round', count, 4000)
    .option('--rounds <count>', 'counted rounds', count, 25)
    .action(async (options: { records: number; rounds: number }) =>
      show(await runTransformBench(options)),
    );
