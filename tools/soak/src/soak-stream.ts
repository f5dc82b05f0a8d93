// The stream of an erasure soak: a Kinesis on this machine that has every event as it was posted, until its retention
// is over.
import {
  kinesisSource,
  recordsInFiles,
  startKinesis,
  type LocalKinesis,
} from '@sluice/local-kinesis';

const streamName = 'visits';
const recordsAtOnce = 500;

export class SoakStream {
  private constructor(
    private readonly kinesis: LocalKinesis,
    private readonly shardId: string,
    private readonly folder: string,
  ) {}

  static async open(folder: string): Promise<SoakStream> {
    const kinesis = await startKinesis({
      folder,
      credentials: { accessKeyId: 'soak', secretAccessKey: 'soak' },
    });
    const [stream] = await kinesis.ensureStreams([{ name: streamName, shards: 1 }]);
    return new SoakStream(kinesis, stream?.shardIds[0] ?? '', folder);
  }

  async put(events: readonly object[]): Promise<void> {
    for (let at = 0; at < events.length; at += recordsAtOnce)
      await this.#put(events.slice(at, at + recordsAtOnce).map((event) => JSON.stringify(event)));
  }

  async #put(texts: readonly string[]): Promise<void> {
    await this.kinesis.call('PutRecords', {
      StreamName: streamName,
      Records: texts.map((text, at) => ({
        Data: Buffer.from(text).toString('base64'),
        PartitionKey: String(at),
      })),
    });
  }

  /** Returns the records that the stream has, the oldest first. */
  async records(): Promise<readonly { readonly text: string; readonly sequenceNumber: string }[]> {
    const { call } = this.kinesis;
    const source = kinesisSource({ call, stream: streamName, shardId: this.shardId });
    const all: { text: string; sequenceNumber: string }[] = [];
    for (;;) {
      const records = await source.next();
      if (records.length === 0) return all;
      for (const { data, sequenceNumber } of records)
        all.push({ text: Buffer.from(data, 'base64').toString(), sequenceNumber });
    }
  }

  /** Forgets all records, as their retention does. */
  async forget(): Promise<void> {
    const upTo = (await this.records()).at(-1)?.sequenceNumber;
    if (upTo !== undefined)
      await this.kinesis.trim({ stream: streamName, shardId: this.shardId, upTo });
  }

  /** Returns the events whose bytes are in the stream's files, forgotten ones too. */
  textsInFiles(): readonly string[] {
    return recordsInFiles(this.folder);
  }

  close(): Promise<void> {
    return this.kinesis.close();
  }
}
