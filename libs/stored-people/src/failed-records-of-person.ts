import {
  errorKinds,
  errorLineReader,
  linesOf,
  type FailedRecord,
} from '@sluice/failed-records/replay';
import { dateOfKey, errorsPrefix, findObject } from '@sluice/lake-layout';
import { hiddenTexts } from '@sluice/privacy/erasures';
import { nameFinder, recordText, textsOfRecord } from './names-in-record';
import type { Page } from './page';
import type { HeldFailedRecord, SubjectPageOptions } from './page-options';
import type { SearchedTable } from './searched-table';
import type { ErrorsCursor, SubjectCursor } from './subject-cursor';

/** Adds the failed records of a table. @returns where the next page begins; undefined where all were added */
export async function addFailedRecords(
  page: Page,
  table: SearchedTable,
  from: ErrorsCursor | undefined,
  { store, subject, errorKeys, lines, showsRecords = () => true }: SubjectPageOptions,
): Promise<SubjectCursor | undefined> {
  const { name, eventType, naming } = table;
  const namesPerson = nameFinder([subject, ...hiddenTexts(naming)]);
  const isHeld = ({ bytes, origin }: FailedRecord): boolean =>
    textsOfRecord(bytes).some(namesPerson) && !table.hidesPerson(origin.arrivalMs);
  const counts = page.countsOf(name);
  let next: ErrorsCursor = from ?? { table: name, errors: '', line: 0 };
  const begin = next;
  const shows = showsRecords(eventType);
  for (const kind of errorKinds) {
    const prefix = `${errorsPrefix(name)}${kind}/`;
    // Kinds come in an order of their own; those before the place's were given.
    if (begin.errors !== '' && errorKinds.indexOf(kind) < kindAt(name, begin.errors)) continue;
    for await (const { key } of store.list(prefix)) {
      if (begin.errors.startsWith(prefix) && key < begin.errors) continue;
      if (page.mustEnd) return next;
      // None where the object expired since it was listed.
      const { bytes = new Uint8Array() } = (await findObject(store, key)) ?? {};
      const read = errorLineReader(kind, { table: name, errorKeys });
      let number = 0;
      for (const line of linesOf(bytes)) {
        number++;
        const result = read(line);
        if (key === begin.errors && number <= begin.line) continue;
        if (result.ok && isHeld(result.record) && !shows) counts.restrictedRecords++;
        else if (result.ok && isHeld(result.record)) {
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
