import { isUuid, parseInt64 } from '@sluice/values';
import {
  eventColumns,
  pathText,
  referenceColumns,
  ruleOfPath,
  subjectPaths,
  type Column,
  type EventType,
  type ReferenceTable,
} from '@sluice/event-schema';
import type { HashKeys } from '../hash-keys';
import { everyHash } from '../keyed-hash';

/** A column that names people, with the texts by which it names one person. */
export interface SubjectColumn {
  readonly column: Column;
  readonly texts: ReadonlySet<string>;
}

/** Error for an event type that does not say who its events are about, or whose snapshots can't be updated. */
export class ErasureError extends Error {
  override readonly name = 'ErasureError';
}

/** Returns the columns that name people; none where an event type has no subject. */
export function subjectColumns(eventType: EventType): readonly Column[] {
  const paths = subjectPaths(eventType);
  return eventColumns(eventType).filter(({ path }) => paths.includes(pathText(path)));
}

/** Decides whether a person's name is stored as a hash. */
export const hasHashedSubject = (eventType: EventType): boolean =>
  subjectColumns(eventType).some(({ path }) => ruleOfPath(eventType, path) === 'hash');

/**
 * Returns the columns that may name a person, each with the texts to search for.
 *
 * @throws ErasureError where the event type names nobody, or hashes names and there is no key
 */
export function columnsOfSubject(
  eventType: EventType,
  subject: string,
  hashKeys: HashKeys | undefined,
): readonly SubjectColumn[] {
  const columns = subjectColumns(eventType);
  if (columns.length === 0)
    throw new ErasureError(
      `event type ${eventType.name} has no "subject": its definition does not say which values name a person`,
    );
  return columns.map((column) => {
    const isHashed = ruleOfPath(eventType, column.path) === 'hash';
    if (isHashed && column.type.kind !== 'bigint' && !hashKeys)
      throw new ErasureError(
        `"${pathText(column.path)}" of ${eventType.name} is hashed, and there is no key to make the hash with`,
      );
    return { column, texts: textsIn(column, subject, isHashed ? hashKeys : undefined) };
  });
}

/**
 * Returns the columns of a reference table that may name a person; none where the table names nobody. With hash keys,
 * hashes of the name are searched for too, because the table may be joined with event types that hash the value.
 */
export function columnsOfReference(
  reference: ReferenceTable,
  subject: string,
  hashKeys: HashKeys | undefined,
): readonly SubjectColumn[] {
  const paths = subjectPaths(reference);
  return referenceColumns(reference)
    .filter(({ path }) => paths.includes(pathText(path)))
    .map((column) => ({ column, texts: textsIn(column, subject, hashKeys) }));
}

/** Returns the texts by which a column may name a person: the name itself and, with keys, each of its hashes. */
function textsIn(
  column: Column,
  subject: string,
  hashKeys: HashKeys | undefined,
): ReadonlySet<string> {
  // An integer has only one spelling; no other text can be in the column.
  if (column.type.kind === 'bigint')
    return new Set(String(parseInt64(subject)) === subject ? [subject] : []);
  // A UUID is stored in lower case.
  const isUuidColumn = column.schema.format === 'uuid' && isUuid(subject);
  const names = isUuidColumn ? [subject, subject.toLowerCase()] : [subject];
  // Rows from before a rule have the value in clear.
  const hashes = hashKeys ? names.flatMap((name) => [...everyHash(hashKeys, name)]) : [];
  return new Set([...names, ...hashes]);
}

/** Returns all texts by which rows may name a person, for the ledger to hide. */
export const hiddenTexts = (columns: readonly SubjectColumn[]): ReadonlySet<string> =>
  new Set(columns.flatMap(({ texts }) => [...texts]));
