import { metadataFileName, versionHintName, type TableMetadata } from '@sluice/iceberg-metadata';
import { icebergMetadataPrefix, ObjectNotFoundError, type ObjectStore } from '@sluice/lake-layout';

/** A state of a table that SQL can still ask for. */
export interface TableSnapshot {
  /** Id by which SQL names it; a text, because it exceeds what a double holds. */
  readonly id: string;
  readonly atMs: number;
  /** What made it: `append`, `overwrite`, `replace` or `delete` (Iceberg spec, snapshots). */
  readonly operation: string;
  /** Numbers of the whole table at that time; missing where the snapshot does not tell. */
  readonly rows?: number;
  readonly files?: number;
}

/** Largest number of snapshots in an answer. */
const maxSnapshots = 50;

/** Returns the newest snapshots of a table's Iceberg table, the newest first; none before its first compaction. */
export async function tableSnapshots(
  store: Pick<ObjectStore, 'get'>,
  table: string,
): Promise<readonly TableSnapshot[]> {
  const read = async (name: string): Promise<string> =>
    new TextDecoder().decode((await store.get(icebergMetadataPrefix(table) + name)).bytes);
  try {
    const version = Number(await read(versionHintName));
    const text = await read(metadataFileName(version));
    const { snapshots } = JSON.parse(withTextIds(text)) as Pick<TableMetadata, 'snapshots'>;
    return [...snapshots]
      .sort((a, b) => b['timestamp-ms'] - a['timestamp-ms'])
      .slice(0, maxSnapshots)
      .map(({ summary, ...snapshot }) => ({
        id: String(snapshot['snapshot-id']),
        atMs: snapshot['timestamp-ms'],
        operation: summary.operation,
        ...total('rows', summary, 'total-records'),
        ...total('files', summary, 'total-data-files'),
      }));
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return [];
    throw error;
  }
}

/** Returns JSON text in which ids of snapshots are texts: other writers use 64 bits. */
const withTextIds = (text: string): string =>
  text.replace(/("snapshot-id"\s*:\s*)(-?\d+)/g, '$1"$2"');

function total<Name extends string>(
  name: Name,
  summary: object,
  member: string,
): Partial<Record<Name, number>> {
  const value = Number((summary as Readonly<Record<string, unknown>>)[member]);
  return Number.isFinite(value) ? ({ [name]: value } as Record<Name, number>) : {};
}
