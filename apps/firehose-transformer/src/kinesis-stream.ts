import type { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import type { StreamPort } from './requeue';

interface Sdk {
  readonly client: KinesisClient;
  readonly Put: typeof PutRecordsCommand;
}

/**
 * The stream that surplus records go back to. The SDK is loaded when the first one does: an invocation
 * without surplus never pays for it, and it stays out of the bundle, as the Node.js runtimes bring it.
 *
 * A plain `http:` endpoint (an emulator) speaks HTTP/1.1, while the SDK's default for Kinesis is HTTP/2.
 */
export function kinesisStream(streamName: string, endpointUrl?: string): StreamPort {
  let sdk: Promise<Sdk> | undefined;

  const load = async (): Promise<Sdk> => {
    const { KinesisClient, PutRecordsCommand } = await import('@aws-sdk/client-kinesis');
    if (!endpointUrl?.startsWith('http:'))
      return { client: new KinesisClient(), Put: PutRecordsCommand };
    const { NodeHttpHandler } = await import('@smithy/node-http-handler');
    return {
      client: new KinesisClient({ requestHandler: new NodeHttpHandler() }),
      Put: PutRecordsCommand,
    };
  };

  return {
    async put(entries) {
      const { client, Put } = await (sdk ??= load());
      const answer = await client.send(
        new Put({
          StreamName: streamName,
          Records: entries.map(({ data, partitionKey }) => ({
            Data: data,
            PartitionKey: partitionKey,
          })),
        }),
      );
      return entries.map((_, index) => {
        const record = answer.Records?.[index];
        return record?.SequenceNumber ? undefined : (record?.ErrorCode ?? 'NoAnswer');
      });
    },
  };
}
