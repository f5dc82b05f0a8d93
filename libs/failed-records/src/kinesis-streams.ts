import {
  putAllRecords,
  putRecordsWith,
  readStream,
  type ReadStreamOptions,
} from '@sluice/aws-clients';
import type { SendRecords } from './replay-table';
import type { ReadStream } from './stream-positions';

/** The streams of a stage. The stream of a table is named `<streamPrefix><table>`. */
export interface KinesisStreams {
  readonly client: ReadStreamOptions['client'];
  readonly streamPrefix: string;
}

/** Returns a function that sends records to the stream of a table. */
export const sendToKinesis =
  ({ client, streamPrefix }: KinesisStreams): SendRecords =>
  async (table, records) => {
    const { refused } = await putAllRecords({
      putRecords: putRecordsWith(client),
      streamName: `${streamPrefix}${table}`,
      records,
    });
    const reasons = new Map(
      refused.map(({ index, code, message }) => [index, `${code}: ${message}`]),
    );
    return records.map((_, index) => reasons.get(index));
  };

/** Returns a function that reads the stream of a table. A stream that does not exist holds nothing. */
export const readFromKinesis = ({ client, streamPrefix }: KinesisStreams): ReadStream =>
  async function* (table, range) {
    try {
      yield* readStream({ client, streamName: `${streamPrefix}${table}`, ...range });
    } catch (error) {
      if ((error as Error).name !== 'ResourceNotFoundException') throw error;
    }
  };
