// Names of the files in a table's metadata folder. The number in a name is the sequence number of the snapshot for
// which the file was written, so that a clean-up can tell from names alone what a kept snapshot may need.

/** Name of the file-system catalogue's pointer, which holds the number of the newest version. */
export const versionHintName = 'version-hint.text';

export const metadataFileName = (version: number): string => `v${version}.metadata.json`;

/** Returns the version of a metadata file; undefined for any other file. */
export function versionOfName(name: string): number | undefined {
  const [, version] = /^v(\d+)\.metadata\.json$/.exec(name) ?? [];
  return version === undefined ? undefined : Number(version);
}

export const manifestListName = (sequenceNumber: number, unique: string): string =>
  `snap-${sequenceNumber}-${unique}.avro`;

export interface DayManifestName {
  readonly dt: string;
  readonly sequenceNumber: number;
  /** Hash of the names of the day's files, by which a change of the day is noticed without reading the manifest. */
  readonly filesHash: string;
}

/** Returns the name of the manifest of a day's files, or of the deletes in them. */
export const dayManifestName = (
  { dt, sequenceNumber, filesHash }: DayManifestName,
  content: 'data' | 'deletes',
  unique: string,
): string => `${dt}-${sequenceNumber}-${filesHash}-${unique}-${content}.avro`;

/**
 * Reads the name of a manifest; undefined for any other file.
 *
 * @param path its name, with or without folders before it
 */
export function parseDayManifestName(path: string): DayManifestName | undefined {
  const [, dt, sequenceNumber, filesHash] =
    /(?:^|\/)(\d{4}-\d{2}-\d{2})-(\d+)-([0-9a-f]+)-[0-9a-f]+-(?:data|deletes)\.avro$/.exec(path) ??
    [];
  return dt && sequenceNumber && filesHash
    ? { dt, sequenceNumber: Number(sequenceNumber), filesHash }
    : undefined;
}

export const positionDeletesName = (dt: string, sequenceNumber: number, unique: string): string =>
  `${dt}-${sequenceNumber}-${unique}-deletes.parquet`;

/** Returns the sequence number in the name of a list, a manifest or a file of deletes; undefined for any other file. */
export function sequenceOfName(name: string): number | undefined {
  const [, ofList, ofManifest, ofDeletes] =
    /^(?:snap-(\d+)-[0-9a-f]+\.avro|\d{4}-\d{2}-\d{2}-(\d+)-[0-9a-f]+-[0-9a-f]+-(?:data|deletes)\.avro|\d{4}-\d{2}-\d{2}-(\d+)-[0-9a-f]+-deletes\.parquet)$/.exec(
      name,
    ) ?? [];
  const found = ofList ?? ofManifest ?? ofDeletes;
  return found === undefined ? undefined : Number(found);
}
