import { setTimeout as delay } from 'node:timers/promises';
import { KinesisError, type KinesisCall } from './kinesis-call';

export interface StreamSpec {
  readonly name: string;
  readonly shards: number;
}

export interface Stream extends StreamSpec {
  readonly shardIds: readonly string[];
}

interface Description {
  readonly StreamDescription: {
    readonly StreamStatus: string;
    readonly RetentionPeriodHours: number;
    readonly Shards: readonly { readonly ShardId: string }[];
  };
}

/**
 * Longest retention of Kinesis in hours, so that a stack that was stopped for weeks still delivers its records.
 * Source: Kinesis developer guide, "Change the data retention period".
 */
export const maxRetentionHours = 8760;

const pollMs = 5;
const maxPolls = 400;

/** Creates the streams that do not exist. Existing ones keep their records and their number of shards. */
export async function ensureStreams(
  call: KinesisCall,
  specs: readonly StreamSpec[],
): Promise<readonly Stream[]> {
  return Promise.all(specs.map((spec) => ensureStream(call, spec)));
}

async function ensureStream(call: KinesisCall, { name, shards }: StreamSpec): Promise<Stream> {
  try {
    await call('CreateStream', { StreamName: name, ShardCount: shards });
  } catch (error) {
    if (!(error instanceof KinesisError && error.code === 'ResourceInUseException')) throw error;
  }
  for (let poll = 0; poll < maxPolls; poll++) {
    const { StreamDescription: found } = await call<Description>('DescribeStream', {
      StreamName: name,
    });
    if (found.StreamStatus === 'ACTIVE') {
      if (found.RetentionPeriodHours < maxRetentionHours)
        await call('IncreaseStreamRetentionPeriod', {
          StreamName: name,
          RetentionPeriodHours: maxRetentionHours,
        });
      const shardIds = found.Shards.map(({ ShardId }) => ShardId);
      return { name, shards: shardIds.length, shardIds };
    }
    await delay(pollMs);
  }
  // A process that was killed between the two steps of a creation leaves an empty stream that never becomes active.
  await call('DeleteStream', { StreamName: name });
  await delay(pollMs * 10);
  return ensureStream(call, { name, shards });
}
