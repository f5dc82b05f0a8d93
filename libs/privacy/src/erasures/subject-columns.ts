import { isUuid, parseInt64 } from '@sluice/values';
import {
  eventColumns,
  pathText,
  ruleOfPath,
  subjectPaths,
  type Column,
  type EventType,
} from '@sluice/event-schema';
import type { HashKeys } from '../hash-keys';
import { everyHash } from '../keyed-hash';

/** A column that names people, and the texts under which a person is in it. */
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
 * Returns the columns in which a person may stand, each with the texts that are looked for.
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
    // An integer is written in one way, and no other text names anybody there.
    if (column.type.kind === 'bigint')
      return { column, texts: new Set(String(parseInt64(subject)) === subject ? [subject] : []) };
    const isHashed = ruleOfPath(eventType, column.path) === 'hash';
    if (isHashed && !hashKeys)
      throw new ErasureError(
        `"${pathText(column.path)}" of ${eventType.name} is hashed, and there is no key to make the hash with`,
      );
    // A UUID is stored in lower case.
    const isUuidColumn = column.schema.format === 'uuid' && isUuid(subject);
    const names = isUuidColumn ? [subject, subject.toLowerCase()] : [subject];
    // Rows from before the rule have the value in clear.
    const hashes =
      isHashed && hashKeys ? names.flatMap((name) => [...everyHash(hashKeys, name)]) : [];
    return { column, texts: new Set([...names, ...hashes]) };
  });
}

/** Returns all texts under which a person may stand in rows: what the ledger has to hide. */
export const hiddenTexts = (columns: readonly SubjectColumn[]): ReadonlySet<string> =>
  new Set(columns.flatMap(({ texts }) => [...texts]));
