import avro, { type Schema } from 'avsc';
import { buffer } from 'node:stream/consumers';

export interface AvroFileOptions {
  /** Avro schema as JSON. Attributes that Avro does not define, such as `field-id`, are kept in the file. */
  readonly schema: Schema;
  /** Texts for the file's header. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Writes records as an Avro object container file, compressed with deflate, which every engine reads. */
export async function encodeAvroFile(
  records: readonly object[],
  { schema, metadata = {} }: AvroFileOptions,
): Promise<Uint8Array> {
  const options = {
    codec: 'deflate',
    writeHeader: true,
    // One block is enough, because engines read manifests completely.
    blockSize: 1 << 20,
    // The package's types lack this option.
    metadata: Object.fromEntries(
      Object.entries(metadata).map(([name, text]) => [name, Buffer.from(text)]),
    ),
  };
  const encoder = new avro.streams.BlockEncoder(schema, options);
  const bytes = buffer(encoder);
  for (const record of records) encoder.write(record);
  encoder.end();
  return bytes;
}

/**
 * Reads the records of an Avro object container file by the schema in it.
 *
 * A file that was cut inside of a block is broken: header and blocks each end with the file's sync marker (Avro
 * specification, "Object Container Files"), and the package drops what follows the last one. A file cut exactly
 * between two blocks looks complete, so a caller that knows the number of records has to compare it.
 *
 * @throws Error where the file is broken
 */
export async function decodeAvroFile(bytes: Uint8Array): Promise<readonly unknown[]> {
  const decoder = new avro.streams.BlockDecoder();
  const records: unknown[] = [];
  let sync: Uint8Array | undefined;
  return new Promise((resolve, reject) => {
    decoder.on('metadata', (_type: unknown, _codec: string, header: { sync: Uint8Array }) => {
      sync = header.sync;
    });
    decoder.on('data', (record: unknown) => records.push(record));
    decoder.on('error', reject);
    decoder.on('end', () => {
      const isWhole = sync && Buffer.from(bytes).subarray(-sync.length).equals(sync);
      if (isWhole) resolve(records);
      else reject(new Error(`an Avro file of ${bytes.length} bytes is cut short`));
    });
    decoder.end(Buffer.from(bytes));
  });
}
