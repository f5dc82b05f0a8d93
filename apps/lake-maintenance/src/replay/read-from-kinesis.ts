import { kinesisClient, readStream } from '@sluice/aws-clients';
import type { ReadStream } from './stream-places';

/** Reads the stream of a table: its name behind `streamPrefix`. Of a stream that is gone there is nothing to read. */
export const readFromKinesis = ({
  client = kinesisClient(),
  streamPrefix,
}: {
  readonly client?: Parameters<typeof readStream>[0]['client'];
  readonly streamPrefix: string;
}): ReadStream =>
  async function* (table, range) {
    try {
      yield* readStream({ client, streamName: `${streamPrefix}${table}`, ...range });
    } catch (error) {
      if ((error as Error).name !== 'ResourceNotFoundException') throw error;
    }
  };
