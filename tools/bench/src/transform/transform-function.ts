import { fileURLToPath } from 'node:url';
import { compileFlattener } from '@sluice/record-flattening';
import type { BenchFigure } from '../bench-report';
import { bundleBytes } from '../bundle-bytes';
import { stageFunction, type StagedFunction } from './function-process';
import { median, spreadOf } from '../interleaved-rounds';
import { peakMemoryMb } from '../peak-memory';
import { firehoseRecord, nestedSample, wideSample, type EventSample } from '../sample-events';

const bundle = fileURLToPath(new URL('../../apps/firehose-transformer/index.mjs', import.meta.url));

const importScript = `
  const start = process.cpuUsage();
  await import(bundleUrl);
  const { user, system } = process.cpuUsage(start);
  console.log((user + system) / 1000);
`;

/**
 * Returns a script that invokes the handler as the runtime does: the request is parsed, the answer serialised, and
 * both are released.
 */
const memoryScript = (record: unknown, requestBytes: number): string => `
  const { handler } = await import(bundleUrl);
  process.stdout.write = ((write) => (text, ...rest) => text.startsWith('{"_aws"') ? true : write.call(process.stdout, text, ...rest))(process.stdout.write);
  const record = ${JSON.stringify(record)};
  const one = JSON.stringify(record).length + 1;
  const records = Array.from({ length: Math.floor(${requestBytes} / one) }, (_, index) => ({ ...record, recordId: String(index) }));
  const request = JSON.stringify({ invocationId: '', deliveryStreamArn: '', region: '', records });
  const usedMegabytes = () => {
    gc();
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / 1024 / 1024;
  };
  const before = usedMegabytes();
  const invoke = async () => {
    const answer = JSON.stringify(await handler(JSON.parse(request), { awsRequestId: '' }));
    if (answer.length > 6_000_000) throw new Error('the answer is too large');
  };
  for (let invocation = 0; invocation < 30; invocation++) await invoke();
  // What the last one held is let go only after its turn.
  await new Promise((resolve) => setTimeout(resolve, 10));
  const peak = (${peakMemoryMb.toString()})();
  console.log(JSON.stringify({ peak, kept: usedMegabytes() - before }));
`;

interface MemoryUse {
  /** Largest resident set of the process in MB, including Node itself, the request and the answer. */
  readonly peak: number;
  /** Growth of used memory over 30 invocations, in MB, after garbage collection. */
  readonly kept: number;
}

const memoryFigures = async (
  staged: StagedFunction,
  requestMegabytes: number,
): Promise<readonly BenchFigure[]> => {
  const script = memoryScript(firehoseRecord(nestedSample, 1), requestMegabytes * 1_000_000);
  const { peak, kept } = (await staged.run(script, ['--expose-gc'])) as MemoryUse;
  const label = `requests of ${requestMegabytes} MB`;
  return [
    { name: `${label}: peak of the process`, value: peak, unit: 'MB' },
    { name: `${label}: kept between them`, value: kept, unit: 'MB', target: { atMost: 4 } },
  ];
};

/**
 * Measures the compilation of an event type in CPU milliseconds, because a cold start waits for nothing. Call it
 * before anything is compiled, so that it measures a cold start's cost.
 */
const compileMs = ({ eventType }: EventSample): number => {
  const start = process.cpuUsage();
  compileFlattener(eventType);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
};

/**
 * Measures the deployed function: the size of its bundle, its start and its memory. Call it before anything is warm.
 */
export async function transformFunctionFigures(): Promise<readonly BenchFigure[]> {
  const compile = Math.max(compileMs(wideSample), compileMs(nestedSample));
  const staged = stageFunction(bundle, nestedSample.eventType, {
    EVENT_TYPE: nestedSample.eventType.name,
    STREAM_NAME: 'bench',
  });
  try {
    const bytes = await bundleBytes(bundle);
    const imports: number[] = [];
    for (let start = 0; start < 9; start++)
      imports.push((await staged.run(importScript)) as number);
    return [
      { name: 'bundle', value: bytes.whole / 1000, unit: 'kB', target: { atMost: 325 } },
      {
        name: 'bundle: what a start loads',
        value: bytes.imported / 1000,
        unit: 'kB',
        // Of these 151 are RE2 in JavaScript, which is only evaluated when a pattern needs it: docs/adr/patterns-in-linear-time.md. What sends
        // spans is loaded where they are sent.
        target: { atMost: 275 },
      },
      {
        name: 'import and plan of a cold start',
        value: median(imports),
        unit: 'ms of CPU',
        spread: spreadOf(imports),
        // Privacy and erasure took it from 24 to 27 since.
        target: { atMost: 30 },
      },
      {
        name: 'plan of 240 columns, cold',
        value: compile,
        unit: 'ms of CPU',
        target: { atMost: 20 },
      },
      ...(await memoryFigures(staged, 1)),
      ...(await memoryFigures(staged, 3)),
      ...(await memoryFigures(staged, 6)),
    ];
  } finally {
    staged.remove();
  }
}
