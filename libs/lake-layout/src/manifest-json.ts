import * as zlib from 'node:zlib';
import type {
  AbsorbedFiles,
  CompactedFile,
  DayIndex,
  KeyFilterFile,
  LateCounts,
  Manifest,
  PlacesFile,
  ReplacedFiles,
  RowPosition,
  TimeBounds,
} from './manifest';

/** Error for a manifest that can't be read; the message says which, where and why. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  constructor(
    readonly key: string,
    /** JSON pointer into the manifest. */
    readonly pointer: string,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`manifest ${key}, at ${pointer || '/'}: ${detail}`, options);
  }
}

/** Matches the last member of a manifest: the CRC-32, in hexadecimal digits, of the JSON text without this member. */
const checksumMember = /,"crc32":"([0-9a-f]{8})"\}$/;

/** Writes a manifest as JSON text that ends with a checksum of itself. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const text = JSON.stringify({ ...manifest, formatVersion: versionOf(manifest) });
  if (!('crc32' in zlib)) return new TextEncoder().encode(text);
  return new TextEncoder().encode(`${text.slice(0, -1)},"crc32":"${checksumOf(text)}"}`);
}

/** Members that readers of version 1 don't know; these belong to the day, others to its files. */
const dayMembersOfVersion2 = [
  'keyFilter',
  'indexes',
] as const satisfies readonly (keyof Manifest)[];
const fileMembersOfVersion2 = [
  'firstRow',
  'lastRow',
  'moments',
  'time',
  'arrivals',
  'packedFooter',
  'indexed',
  'microseconds',
] as const satisfies readonly (keyof CompactedFile)[];

/** Returns the lowest version whose readers know all members of a manifest. */
const versionOf = (manifest: Manifest): 1 | 2 =>
  dayMembersOfVersion2.some((name) => manifest[name] !== undefined) ||
  manifest.files.some((file) => fileMembersOfVersion2.some((name) => file[name] !== undefined))
    ? 2
    : 1;

const checksumOf = (text: string): string => zlib.crc32(text).toString(16).padStart(8, '0');

/** Compares a manifest with its checksum, which manifests of earlier releases lack. */
function checkText(text: string, key: string): void {
  const checksum = checksumMember.exec(text);
  if (!checksum || !('crc32' in zlib)) return;
  const found = checksumOf(`${text.slice(0, checksum.index)}}`);
  if (found !== checksum[1])
    throw new ManifestError(
      key,
      '',
      `its checksum is ${found} where ${checksum[1]} was written: bits of it have changed; ${remedy}`,
    );
}

const remedy = 'see docs/guides/repair-a-damaged-file.md for how to get the day back';

/** Reads a manifest. @param key from which it was read, for messages. @throws {@link ManifestError} */
export function decodeManifest(bytes: Uint8Array, key: string): Manifest {
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    checkText(text, key);
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof ManifestError) throw error;
    const what = bytes.length === 0 ? 'is empty' : `is not JSON (${(error as Error).message})`;
    throw new ManifestError(key, '', `${what}; ${remedy}`, { cause: error });
  }
  const read = new Reader(key);
  const manifest = read.object(value, '');
  const version = manifest['formatVersion'];
  if (version !== 1 && version !== 2)
    throw new ManifestError(
      key,
      '/formatVersion',
      `version ${JSON.stringify(version)} was written by another release; this one reads versions 1 and 2`,
    );
  return {
    formatVersion: version,
    table: read.text(manifest, '', 'table'),
    date: read.text(manifest, '', 'date'),
    sealed: read.flag(manifest, '', 'sealed'),
    // Missing in manifests of earlier releases, whose days were not announced.
    announced: 'announced' in manifest && read.flag(manifest, '', 'announced'),
    files: readFiles(read, manifest, ''),
    absorbed: read.list(manifest, 'absorbed', (group, at): AbsorbedFiles => ({
      atMs: read.count(group, at, 'atMs'),
      tokens: read.texts(group, at, 'tokens'),
    })),
    replaced: read.list(manifest, 'replaced', (group, at): ReplacedFiles => ({
      atMs: read.count(group, at, 'atMs'),
      keys: read.texts(group, at, 'keys'),
    })),
    updatedAtMs: read.count(manifest, '', 'updatedAtMs'),
    ...('keyFilter' in manifest && { keyFilter: readKeyFilter(read, manifest, '', 'keyFilter') }),
    ...('indexes' in manifest && { indexes: readIndexes(read, manifest) }),
    ...('late' in manifest && { late: readLate(read, manifest) }),
  };
}

function readFiles(read: Reader, members: Members, within: string): readonly CompactedFile[] {
  return read.list(
    members,
    'files',
    (file, at): CompactedFile => ({
      key: read.text(file, at, 'key'),
      bytes: read.count(file, at, 'bytes'),
      etag: read.text(file, at, 'etag'),
      rows: read.count(file, at, 'rows'),
      minKey: read.text(file, at, 'minKey'),
      maxKey: read.text(file, at, 'maxKey'),
      footerBytes: read.count(file, at, 'footerBytes'),
      ...('footerCrc32' in file && { footerCrc32: read.count(file, at, 'footerCrc32') }),
      ...('lowerCaseKeys' in file && { lowerCaseKeys: read.flag(file, at, 'lowerCaseKeys') }),
      run: read.count(file, at, 'run'),
      ...('firstRow' in file && { firstRow: readPosition(read, file, at, 'firstRow') }),
      ...('lastRow' in file && { lastRow: readPosition(read, file, at, 'lastRow') }),
      ...('moments' in file && { moments: readBounds(read, file, at, 'moments') }),
      ...('time' in file && { time: readNullableBounds(read, file, at, 'time') }),
      ...('arrivals' in file && { arrivals: readBounds(read, file, at, 'arrivals') }),
      ...('packedFooter' in file && { packedFooter: read.text(file, at, 'packedFooter') }),
      ...('indexed' in file && { indexed: read.texts(file, at, 'indexed') }),
      ...(file['microseconds'] === true && { microseconds: true as const }),
    }),
    within,
  );
}

function readIndexes(read: Reader, manifest: Members): readonly DayIndex[] {
  return read.list(manifest, 'indexes', (index, at): DayIndex => ({
    path: read.text(index, at, 'path'),
    files: readFiles(read, index, at),
    ...('valueFilter' in index && { valueFilter: readKeyFilter(read, index, at, 'valueFilter') }),
    ...('places' in index && { places: readPlaces(read, index, at) }),
  }));
}

function readLate(read: Reader, manifest: Members): LateCounts {
  const late = read.object(manifest['late'], '/late');
  return {
    minutes: read.count(late, '/late', 'minutes'),
    hours: read.count(late, '/late', 'hours'),
    days: read.count(late, '/late', 'days'),
  };
}

function readPlaces(read: Reader, members: Members, within: string): PlacesFile {
  const at = `${within}/places`;
  const places = read.object(members['places'], at);
  return {
    key: read.text(places, at, 'key'),
    bytes: read.count(places, at, 'bytes'),
    of: read.text(places, at, 'of'),
  };
}

function readKeyFilter(
  read: Reader,
  members: Members,
  within: string,
  name: string,
): KeyFilterFile {
  const at = `${within}/${name}`;
  const filter = read.object(members[name], at);
  return {
    key: read.text(filter, at, 'key'),
    bytes: read.count(filter, at, 'bytes'),
    etag: read.text(filter, at, 'etag'),
    keys: read.count(filter, at, 'keys'),
    of: read.text(filter, at, 'of'),
    keyForm: read.text(filter, at, 'keyForm'),
  };
}

function readPosition(read: Reader, file: Members, at: string, name: string): RowPosition {
  const place = read.object(file[name], `${at}/${name}`);
  return {
    moment: read.text(place, `${at}/${name}`, 'moment'),
    eventId: read.text(place, `${at}/${name}`, 'eventId'),
  };
}

function readBounds(read: Reader, file: Members, at: string, name: string): TimeBounds {
  const bounds = read.object(file[name], `${at}/${name}`);
  return {
    min: read.text(bounds, `${at}/${name}`, 'min'),
    max: read.text(bounds, `${at}/${name}`, 'max'),
  };
}

function readNullableBounds(
  read: Reader,
  file: Members,
  at: string,
  name: string,
): TimeBounds & { readonly nulls: number } {
  const bounds = read.object(file[name], `${at}/${name}`);
  return {
    ...readBounds(read, file, at, name),
    nulls: read.count(bounds, `${at}/${name}`, 'nulls'),
  };
}

type Members = Readonly<Record<string, unknown>>;

/** Reads members of the expected type, or throws with their pointer. */
class Reader {
  constructor(private readonly key: string) {}

  object(value: unknown, at: string): Members {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Members;
    throw this.#fault(at, 'an object', value);
  }

  text(members: Members, at: string, name: string): string {
    const value = members[name];
    if (typeof value === 'string') return value;
    throw this.#fault(`${at}/${name}`, 'a string', value);
  }

  flag(members: Members, at: string, name: string): boolean {
    const value = members[name];
    if (typeof value === 'boolean') return value;
    throw this.#fault(`${at}/${name}`, 'true or false', value);
  }

  count(members: Members, at: string, name: string): number {
    const value = members[name];
    if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
    throw this.#fault(`${at}/${name}`, 'an integer of at least 0', value);
  }

  list<T>(
    members: Members,
    name: string,
    item: (value: Members, at: string) => T,
    within = '',
  ): readonly T[] {
    const value = members[name];
    if (!Array.isArray(value)) throw this.#fault(`${within}/${name}`, 'an array', value);
    return value.map((element: unknown, index) => {
      const at = `${within}/${name}/${index}`;
      return item(this.object(element, at), at);
    });
  }

  texts(members: Members, at: string, name: string): readonly string[] {
    const value = members[name];
    if (Array.isArray(value) && value.every((element) => typeof element === 'string')) return value;
    throw this.#fault(`${at}/${name}`, 'an array of strings', value);
  }

  #fault(pointer: string, wanted: string, value: unknown): ManifestError {
    const found = value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 40);
    return new ManifestError(this.key, pointer, `expected ${wanted}, found ${found}`);
  }
}
