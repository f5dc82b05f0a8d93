import { kinesisClient, putAllRecords } from '@sluice/aws-clients';
import type { SendRecords } from './replay-table';

/** Sends to the stream of a table: its name behind `streamPrefix`. */
export const sendToKinesis =
  ({
    client = kinesisClient(),
    streamPrefix,
  }: {
    readonly client?: Parameters<typeof putAllRecords>[0]['client'];
    readonly streamPrefix: string;
  }): SendRecords =>
  async (table, records) => {
    const { refused } = await putAllRecords({
      client,
      streamName: `${streamPrefix}${table}`,
      records,
    });
    const reasons = new Map(
      refused.map(({ index, code, message }) => [index, `${code}: ${message}`]),
    );
    return records.map((_, index) => reasons.get(index));
  };
