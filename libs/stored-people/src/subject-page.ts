// Everything that a lake holds of one person, a page at a time.
import { createHash } from 'node:crypto';
import {
  eventIdColumn,
  ingestedAtColumn,
  keyColumn,
  tableColumns,
  tableName,
  type EventType,
} from '@sluice/event-schema';
import {
  errorKinds,
  errorLineReader,
  linesOf,
  type FailedRecord,
} from '@sluice/failed-records/replay';
import {
  dateOfKey,
  errorsPrefix,
  isRawFile,
  manifestPrefix,
  ObjectNotFoundError,
  PreconditionFailedError,
  rawPrefix,
  rawTablePrefix,
  readManifest,
  unabsorbedFiles,
  type LakeDate,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import type { HashKeys } from '@sluice/privacy';
import {
  columnsOfSubject,
  hiddenTexts,
  LedgerMatch,
  readLedger,
  type SubjectColumn,
} from '@sluice/privacy/erasures';
import { jsonRowWriter, type Row } from '@sluice/row-formats';
import pMap from 'p-map';
import { nameFinder, recordText, textsOfRecord } from './names-in-record';
import { possibleFiles } from './possible-files';
import type { ErrorsPlace, RowPlace, RowsPlace, SubjectPlace } from './subject-place';
import { rowsOfPerson } from './rows-of-person';

/** The event type and the day of a row or a failed record. */
export interface HeldAt {
  readonly eventType: EventType;
  /** Day of arrival. */
  readonly date: LakeDate;
}

/** A failed record as it is shown to the person whom it names. */
export interface HeldFailedRecord {
  readonly arrivedAt: string;
  readonly code: string;
  /** The record as its sender made it, or the rows that were made of it, as UTF-8. */
  readonly record: string;
}

/** Writes what is found, a line each, without its end. */
export interface LineWriter {
  /** First line of every page. @default none */
  readonly header?: string;
  readonly row: (at: HeldAt, row: Row) => string;
  readonly failedRecord: (at: HeldAt, record: HeldFailedRecord) => string;
}

export interface SubjectPageOptions {
  readonly store: Pick<ObjectStore, 'get' | 'list'>;
  /** Event types that are searched; each has a subject. */
  readonly eventTypes: readonly EventType[];
  /** What names the person, in clear. */
  readonly subject: string;
  /** Keys of the hashes; required where a subject's column is hashed. */
  readonly hashKeys?: HashKeys | undefined;
  /** Keys that decrypt failed records. @default none, so that these are counted as unread */
  readonly errorKeys?: Pick<HashKeys, 'keys'> | undefined;
  /** Reads the keys of the ledger; called where a table hides somebody. */
  readonly readLedgerKeys: () => Promise<HashKeys>;
  readonly lines: LineWriter;
  /** The place at which the page before ended. @default the beginning */
  readonly from?: SubjectPlace | undefined;
  /** Largest number of rows and failed records. */
  readonly maxLines: number;
  /** Largest size of the lines in bytes, as JSON would quote them; one line at least is given. */
  readonly maxBytes: number;
  /** Moment after which nothing more is begun, in milliseconds since 1970. */
  readonly deadlineMs: number;
  readonly now: () => number;
}

export interface TableCounts {
  rows: number;
  failedRecords: number;
  /** Number of failed records that are sealed and can't be opened without their key. */
  unreadRecords: number;
}

export interface SubjectPage {
  readonly lines: readonly string[];
  /** What was found in each table that was searched. */
  readonly tables: ReadonlyMap<string, TableCounts>;
  /** The place at which the next page begins; undefined where this is the last. */
  readonly next: SubjectPlace | undefined;
}

/** Number of days that are read at the same time, at most. */
const mostDays = 16;
/** Days that took less together are followed by more of them at a time. */
const quickMs = 2_000;
/** Attempts to read a day whose files are replaced meanwhile. */
const mostAttempts = 4;

/**
 * Reads the rows and the failed records that name a person, over some event types: the days in their order, then the
 * error output, table by table. Rows come in the order of their arrival, each event once; rows and records that the
 * ledger of erased people hides are left out.
 *
 * @example
 * import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
 * import { matchEvent } from '@sluice/event-types';
 * import { ndjsonLines, readSubjectPage } from '@sluice/stored-people';
 * const page = await readSubjectPage({
 *   store: s3ObjectStore({ client: s3Client(), bucket: 'my-lake' }),
 *   eventTypes: [matchEvent],
 *   subject: 'ada@example.org',
 *   readLedgerKeys: () => Promise.reject(new Error('nobody is erased')),
 *   lines: ndjsonLines(),
 *   maxLines: 1_000,
 *   maxBytes: 1_000_000,
 *   deadlineMs: Date.now() + 10_000,
 *   now: Date.now,
 * });
 *
 * @throws ErasureError where an event type has no subject, or its hashes can't be made
 * @throws UnreadableFileError where a file is damaged: an answer without its rows would look whole
 */
export async function readSubjectPage(options: SubjectPageOptions): Promise<SubjectPage> {
  const page = new Page(options);
  const { eventTypes, from } = options;
  const first = from ? eventTypes.findIndex((one) => tableName(one) === from.table) : 0;
  for (const eventType of first < 0 ? [] : eventTypes.slice(first)) {
    const table = await searchedTable(eventType, options);
    const begins = from?.table === table.name ? from : undefined;
    const errors = begins && 'errors' in begins ? begins : undefined;
    const next =
      (errors ? undefined : await addRows(page, table, begins, options)) ??
      (await addFailedRecords(page, table, errors, options));
    if (next) return page.ended(next);
  }
  return page.ended(undefined);
}

/** Lines while they fit, with their counts. */
class Page {
  readonly #lines: string[] = [];
  readonly #tables = new Map<string, TableCounts>();
  #bytes = 0;
  #hasWorked = false;

  constructor(private readonly options: SubjectPageOptions) {}

  countsOf(table: string): TableCounts {
    const counts = this.#tables.get(table) ?? { rows: 0, failedRecords: 0, unreadRecords: 0 };
    this.#tables.set(table, counts);
    return counts;
  }

  /** Adds a line. @returns false where it does not fit */
  add(line: string): boolean {
    const { maxLines, maxBytes } = this.options;
    const bytes = Buffer.byteLength(JSON.stringify(line));
    if (this.#lines.length >= maxLines) return false;
    if (this.#lines.length > 0 && this.#bytes + bytes > maxBytes) return false;
    this.#lines.push(line);
    this.#bytes += bytes;
    return true;
  }

  /** Notes that some work is done, so that a page whose time is up may end: each page comes further than the one before. */
  worked(): void {
    this.#hasWorked = true;
  }

  get mustEnd(): boolean {
    return this.#hasWorked && this.options.now() >= this.options.deadlineMs;
  }

  ended(next: SubjectPlace | undefined): SubjectPage {
    return { lines: this.#lines, tables: this.#tables, next };
  }
}

/** A table with what is looked for in it. */
interface SearchedTable {
  readonly name: string;
  readonly eventType: EventType;
  readonly naming: readonly SubjectColumn[];
  /** Decides whether a row with these cells is hidden. */
  readonly hidesRow: (row: Row, arrivedMs: number) => boolean;
  /** Decides whether a record of the person that arrived at a moment is hidden. */
  readonly hidesPerson: (arrivedMs: number) => boolean;
}

async function searchedTable(
  eventType: EventType,
  { store, subject, hashKeys, readLedgerKeys }: SubjectPageOptions,
): Promise<SearchedTable> {
  const name = tableName(eventType);
  const naming = columnsOfSubject(eventType, subject, hashKeys);
  const { entries = [] } = (await readLedger(store, name)) ?? {};
  const match = entries.length > 0 ? new LedgerMatch(entries, await readLedgerKeys()) : undefined;
  const columns = tableColumns(eventType);
  const places = naming.map(({ column }) => columns.findIndex((one) => one.name === column.name));
  return {
    ...{ name, eventType, naming },
    hidesRow: ({ cells }, arrivedMs) =>
      match !== undefined &&
      places.some((place) => {
        const cell = cells[place] ?? null;
        return cell !== null && match.hides(String(cell), arrivedMs);
      }),
    hidesPerson: (arrivedMs) =>
      match !== undefined && [...hiddenTexts(naming)].some((text) => match.hides(text, arrivedMs)),
  };
}

/** Adds the rows of a table. @returns where the next page begins; undefined where all were added */
async function addRows(
  page: Page,
  table: SearchedTable,
  from: RowsPlace | undefined,
  options: SubjectPageOptions,
): Promise<SubjectPlace | undefined> {
  const { now } = options;
  const raw = await filesByDay(options.store, table.name);
  const left = [...raw.keys()].filter((date) => isLeft(date, from)).sort();
  const counts = page.countsOf(table.name);
  let width = 4;
  let next: RowsPlace = from ?? { table: table.name };
  for (let at = 0; at < left.length;) {
    if (page.mustEnd) return next;
    const beganMs = now();
    const days = await pMap(left.slice(at, at + width), (date) =>
      readDay(table, date, {
        ...options,
        raw: raw.get(date) ?? [],
        after: date === from?.date ? from.after : undefined,
      }),
    );
    for (const { date, rows, hasMore } of days) {
      for (const { place, line } of rows) {
        if (!page.add(line)) return next;
        counts.rows++;
        next = { table: table.name, date, after: place };
      }
      if (hasMore) return next;
      next = { table: table.name, date };
    }
    page.worked();
    at += width;
    width = now() - beganMs < quickMs ? Math.min(width * 2, mostDays) : Math.max(width >> 1, 1);
  }
  return undefined;
}

const isLeft = (date: LakeDate, { date: given, after }: Partial<RowsPlace> = {}): boolean =>
  given === undefined || date > given || (date === given && after !== undefined);

/** Returns the days of a table, each with its raw files. */
async function filesByDay(
  store: SubjectPageOptions['store'],
  table: string,
): Promise<ReadonlyMap<LakeDate, readonly ObjectInfo[]>> {
  const days = new Map<LakeDate, ObjectInfo[]>();
  const filesOf = (date: LakeDate): ObjectInfo[] => {
    const files = days.get(date) ?? [];
    days.set(date, files);
    return files;
  };
  for await (const { key } of store.list(manifestPrefix(table))) {
    const date = dateOfKey(key);
    if (date !== undefined) filesOf(date);
  }
  for await (const file of store.list(rawTablePrefix(table))) {
    const date = dateOfKey(file.key);
    if (date !== undefined && isRawFile(file)) filesOf(date).push(file);
  }
  return days;
}

interface PlacedLine {
  readonly place: RowPlace;
  readonly line: string;
}

interface DayOfPerson {
  readonly date: LakeDate;
  /** Rows after the place that was asked for, in the order of their arrival. */
  readonly rows: readonly PlacedLine[];
  /** True where the day has more rows than a page holds. */
  readonly hasMore: boolean;
}

interface DayOptions extends SubjectPageOptions {
  readonly raw: readonly ObjectInfo[];
  readonly after: RowPlace | undefined;
}

async function readDay(
  table: SearchedTable,
  date: LakeDate,
  { raw, ...options }: DayOptions,
): Promise<DayOfPerson> {
  for (let attempt = 1, files = raw; ; attempt++)
    try {
      return await readDayOnce(table, date, { ...options, raw: files });
    } catch (error) {
      const isGone =
        error instanceof ObjectNotFoundError || error instanceof PreconditionFailedError;
      if (!isGone || attempt === mostAttempts) throw error;
      // A compaction replaced a file and its grace is over: the day is read as it is now.
      const listed: ObjectInfo[] = [];
      for await (const file of options.store.list(rawPrefix(table.name, date)))
        if (isRawFile(file)) listed.push(file);
      files = listed;
    }
}

async function readDayOnce(
  { name, eventType, naming, hidesRow }: SearchedTable,
  date: LakeDate,
  { store, raw, after, lines, maxLines, maxBytes }: DayOptions,
): Promise<DayOfPerson> {
  const manifest = (await readManifest(store, name, date))?.manifest;
  const columns = tableColumns(eventType);
  const possible = await possibleFiles(
    { files: manifest?.files ?? [], indexes: manifest?.indexes ?? [] },
    {
      ...{ store, eventType },
      wanted: naming.map(({ column, texts }) => ({ column, texts: [...texts] })),
    },
  );
  const rows = new RowsOfDay({ after, maxLines, maxBytes });
  const placeOf = rowPlaces(eventType);
  for (const file of [...possible, ...unabsorbedFiles(manifest, raw)])
    for await (const row of rowsOfPerson({ store, file, naming, columns })) {
      const place = placeOf(row);
      if (!hidesRow(row, Number(BigInt(place.arrivedMicros) / 1_000n)))
        rows.add(place, () => lines.row({ eventType, date }, row));
    }
  return { date, ...rows.ended() };
}

/** Returns a function that places the rows of one day. Rows that agree in key and `event_id` are one event. */
function rowPlaces(eventType: EventType): (row: Row) => RowPlace {
  const columns = tableColumns(eventType);
  const [keyAt, idAt, arrivalAt] = [keyColumn(eventType), eventIdColumn, ingestedAtColumn].map(
    (column) => columns.findIndex(({ name }) => name === column.name),
  ) as [number, number, number];
  const write = jsonRowWriter(columns);
  const alike = new Map<string, number>();
  return (row) => {
    const { cells } = row;
    const id = cells[idAt] ?? null;
    const arrived = cells[arrivalAt];
    let identity = JSON.stringify([String(cells[keyAt]), id === null ? null : String(id)]);
    if (id === null) {
      // Of rows without an id, equal ones are told apart by their number.
      identity = write(row);
      const number = alike.get(identity) ?? 0;
      alike.set(identity, number + 1);
      identity += String(number);
    }
    return {
      arrivedMicros: String(typeof arrived === 'bigint' ? arrived : 0n),
      digest: createHash('sha256').update(identity).digest('base64url').slice(0, 22),
    };
  };
}

const isAfter = (place: RowPlace, other: RowPlace): boolean => {
  const [arrived, otherArrived] = [BigInt(place.arrivedMicros), BigInt(other.arrivedMicros)];
  return arrived > otherArrived || (arrived === otherArrived && place.digest > other.digest);
};

/** The first rows of a day after a place, as many as a page may hold. Of copies of an event the first counts. */
class RowsOfDay {
  /** Place of the first copy of every event, also of those that are not kept. */
  readonly #first = new Map<string, RowPlace>();
  #kept = new Map<string, PlacedLine>();
  #bytes = 0;
  #hasMore = false;

  constructor(private readonly options: Pick<DayOptions, 'after' | 'maxLines' | 'maxBytes'>) {}

  add(place: RowPlace, line: () => string): void {
    const first = this.#first.get(place.digest);
    if (first && !isAfter(first, place)) return;
    this.#first.set(place.digest, place);
    this.#kept.delete(place.digest);
    const { after, maxLines, maxBytes } = this.options;
    if (after && !isAfter(place, after)) return;
    const text = line();
    this.#kept.set(place.digest, { place, line: text });
    this.#bytes += text.length;
    if (this.#kept.size > 2 * maxLines || this.#bytes > 2 * maxBytes) this.#trim();
  }

  ended(): Pick<DayOfPerson, 'rows' | 'hasMore'> {
    return { rows: this.#trim(), hasMore: this.#hasMore };
  }

  /** Drops rows beyond what a page may hold. @returns those that are left, in their order */
  #trim(): readonly PlacedLine[] {
    const { maxLines, maxBytes } = this.options;
    const sorted = [...this.#kept.values()].sort((a, b) => (isAfter(a.place, b.place) ? 1 : -1));
    let bytes = 0;
    const fit = sorted.filter(({ line }, at) => {
      bytes += line.length;
      return at === 0 || (at < maxLines && bytes <= maxBytes);
    });
    this.#hasMore ||= fit.length < sorted.length;
    this.#kept = new Map(fit.map((one) => [one.place.digest, one]));
    this.#bytes = fit.reduce((sum, { line }) => sum + line.length, 0);
    return fit;
  }
}

/** Adds the failed records of a table. @returns where the next page begins; undefined where all were added */
async function addFailedRecords(
  page: Page,
  table: SearchedTable,
  from: ErrorsPlace | undefined,
  { store, subject, errorKeys, lines }: SubjectPageOptions,
): Promise<SubjectPlace | undefined> {
  const { name, eventType, naming } = table;
  const namesPerson = nameFinder([subject, ...hiddenTexts(naming)]);
  const isHeld = ({ bytes, origin }: FailedRecord): boolean =>
    textsOfRecord(bytes).some(namesPerson) && !table.hidesPerson(origin.arrivalMs);
  const counts = page.countsOf(name);
  let next: ErrorsPlace = from ?? { table: name, errors: '', line: 0 };
  const begin = next;
  for (const kind of errorKinds) {
    const prefix = `${errorsPrefix(name)}${kind}/`;
    // Kinds come in an order of their own; those before the place's were given.
    if (begin.errors !== '' && errorKinds.indexOf(kind) < kindAt(name, begin.errors)) continue;
    for await (const { key } of store.list(prefix)) {
      if (begin.errors.startsWith(prefix) && key < begin.errors) continue;
      if (page.mustEnd) return next;
      const bytes = await bytesOf(store, key);
      const read = errorLineReader(kind, { table: name, errorKeys });
      let number = 0;
      for (const line of linesOf(bytes)) {
        number++;
        const result = read(line);
        if (key === begin.errors && number <= begin.line) continue;
        if (result.ok && isHeld(result.record)) {
          const at = { eventType, date: dateOfKey(key) ?? '' };
          if (!page.add(lines.failedRecord(at, heldRecord(result.record)))) return next;
          counts.failedRecords++;
        } else if (!result.ok && kind === 'sealed' && !isErased(line)) counts.unreadRecords++;
        next = { table: name, errors: key, line: number };
      }
      if (key !== begin.errors || number > begin.line) page.worked();
    }
  }
  return undefined;
}

const kindAt = (table: string, key: string): number =>
  errorKinds.findIndex((kind) => key.startsWith(`${errorsPrefix(table)}${kind}/`));

const heldRecord = ({ errorCode, origin, bytes }: FailedRecord): HeldFailedRecord => ({
  arrivedAt: new Date(origin.arrivalMs).toISOString(),
  code: errorCode,
  record: recordText(bytes),
});

/** Decides whether an erasure took the record out of a line. */
const isErased = (line: Uint8Array): boolean => Buffer.from(line).includes('{"erased":true}');

/** Returns an object's bytes; none where it expired since it was listed. */
async function bytesOf(store: SubjectPageOptions['store'], key: string): Promise<Uint8Array> {
  try {
    return (await store.get(key)).bytes;
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return new Uint8Array();
    throw error;
  }
}
