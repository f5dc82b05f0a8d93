// Adds to the manifest what a look-up would otherwise have to read from files: their footers, packed, and a filter of
// a sealed day's keys.
import { randomUUID } from 'node:crypto';
import { castColumn } from '@sluice/columns';
import { keyColumn, momentColumns, tableName, type EventType } from '@sluice/event-schema';
import {
  filesToken,
  KeyFilterBuilder,
  keyFilterForm,
  keyFilterKey,
  keyFilterText,
  type CompactedFile,
  type KeyFilterFile,
  type LakeDate,
  type ObjectStore,
} from '@sluice/lake-layout';
import { checkFile, packFooter, ParquetError } from '@sluice/parquet-reading';
import { Vector } from 'apache-arrow';
import pMap from 'p-map';
import { keyTexts } from './key-text';
import { readKeyTable } from './read-parquet';

/** Packs a footer for a manifest. @throws ParquetError where the footer can't be read */
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
  /** Called for a file that can't be read, with the reason; the file is left out. */
  readonly refuse: (file: CompactedFile, reason: string) => void;
}

/** Reads the footers of files and returns the files with a readable footer, packed. */
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

/**
 * Makes a filter of the keys of all files of a day and stores it. It reads one whole file after the other; the memory
 * for a day's filter is some 20 bytes for each row.
 *
 * @returns undefined where a file can't be read, which is then refused
 */
export async function writeKeyFilter(
  files: readonly CompactedFile[],
  {
    store,
    eventType,
    date,
    refuse,
  }: DescribeOptions & {
    readonly store: Pick<ObjectStore, 'get' | 'put'>;
    readonly date: LakeDate;
  },
): Promise<KeyFilterFile | undefined> {
  const builder = new KeyFilterBuilder();
  for (const file of files) {
    const { bytes } = await store.get(file.key, { ifMatch: file.etag });
    try {
      addKeys(bytes, file, eventType, builder);
    } catch (error) {
      refuse(file, (error as Error).message);
      return undefined;
    }
  }
  const { bytes, keys } = builder.build();
  const key = keyFilterKey(tableName(eventType), date, randomUUID());
  const { etag } = await store.put(key, bytes, { contentType: 'application/octet-stream' });
  return {
    key,
    bytes: bytes.length,
    etag,
    keys,
    of: filesToken(files),
    keyForm: keyFilterForm(keyColumn(eventType)),
  };
}

/** Adds the keys of a file. @throws Error where the file can't be read, or has no key column */
function addKeys(
  bytes: Uint8Array,
  { footerCrc32 }: CompactedFile,
  eventType: EventType,
  builder: KeyFilterBuilder,
): void {
  const column = keyColumn(eventType);
  checkFile(bytes, footerCrc32 === undefined ? {} : { footerCrc32 });
  for (const batch of readKeyTable(bytes, [column.name]).batches) {
    // The table may have more columns than the requested one.
    const at = batch.schema.fields.findIndex(({ name }) => name === column.name);
    const data = batch.data.children[at];
    if (!data) throw new Error(`the file has no column "${column.name}"`);
    const keyText = keyTexts(new Vector([castColumn(data, column)]), column.type);
    // Rows of one key are adjacent.
    let before: string | undefined;
    for (let row = 0; row < batch.numRows; row++) {
      const text = keyFilterText(keyText(row), column);
      if (text !== before) builder.add(text);
      before = text;
    }
  }
}
