// What the manifest says of files so that a look-up need not ask them: their footers, packed.
import { keyColumn, momentColumns, type EventType } from '@sluice/event-schema';
import type { CompactedFile, ObjectStore } from '@sluice/lake-layout';
import { packFooter, ParquetError } from '@sluice/parquet-reading';
import pMap from 'p-map';

/** Returns a footer as a manifest carries it. @throws ParquetError where it is not one that can be read */
export const packedFooter = (
  footer: Uint8Array,
  { bytes: fileBytes, footerCrc32 }: Pick<CompactedFile, 'bytes' | 'footerCrc32'>,
  eventType: EventType,
): string =>
  Buffer.from(
    packFooter(footer, {
      fileBytes,
      keyColumn: keyColumn(eventType).name,
      boundColumns: momentColumns(eventType).map(({ name }) => name),
      ...(footerCrc32 !== undefined && { footerCrc32 }),
    }),
  ).toString('base64');

const footersAtOnce = 8;

export interface DescribeOptions {
  readonly store: Pick<ObjectStore, 'get'>;
  readonly eventType: EventType;
  /** Called for a file that can't be read, with the reason; it is left out. */
  readonly refuse: (file: CompactedFile, reason: string) => void;
}

/** Reads the footers of files and returns those that have a readable one with it. */
export async function withPackedFooters(
  files: readonly CompactedFile[],
  { store, eventType, refuse }: DescribeOptions,
): Promise<readonly CompactedFile[]> {
  const described = await pMap(
    files,
    async (file) => {
      const { key, etag, bytes: fileBytes, footerBytes } = file;
      const range = { start: fileBytes - footerBytes, end: fileBytes };
      const { bytes } = await store.get(key, { range, ifMatch: etag });
      try {
        return [{ ...file, packedFooter: packedFooter(bytes, file, eventType) }];
      } catch (error) {
        if (!(error instanceof ParquetError)) throw error;
        refuse(file, error.message);
        return [];
      }
    },
    { concurrency: footersAtOnce },
  );
  return described.flat();
}
