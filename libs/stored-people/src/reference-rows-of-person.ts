import { referenceColumns, type ReferenceTable } from '@sluice/event-schema';
import { isReplaced, referencePrefix, type ObjectInfo } from '@sluice/lake-layout';
import { columnsOfReference } from '@sluice/privacy/erasures';
import type { Page } from './page';
import type { SubjectPageOptions } from './page-options';
import { rowsOfPerson } from './rows-of-person';
import type { ReferenceCursor } from './subject-cursor';

/** Largest number of attempts to read a table that is being replaced. */
const maxAttempts = 4;

/**
 * Adds the rows of a reference table that name the person, in the order of its file. If the table is replaced between
 * two pages, the second page skips as many rows as the first one had.
 *
 * @returns where the next page begins; undefined where all were added
 */
export async function addReferenceRows(
  page: Page,
  reference: ReferenceTable,
  from: ReferenceCursor | undefined,
  options: SubjectPageOptions,
): Promise<ReferenceCursor | undefined> {
  const begin = from ?? { reference: reference.name, rows: 0 };
  if (page.mustEnd) return begin;
  const counts = page.countsOf(referencePrefix(reference.name).slice(0, -1));
  const lines = await linesOf(reference, begin.rows + options.maxLines + 1, options);
  page.worked();
  for (const [at, line] of lines.entries()) {
    if (at < begin.rows) continue;
    if (!page.add(line)) return { reference: reference.name, rows: at };
    counts.rows++;
  }
  return undefined;
}

/** Returns the rows of the person as lines, the first `most` of them. */
async function linesOf(
  reference: ReferenceTable,
  most: number,
  { store, subject, hashKeys, lines }: SubjectPageOptions,
): Promise<readonly string[]> {
  const naming = columnsOfReference(reference, subject, hashKeys);
  const columns = referenceColumns(reference);
  for (let attempt = 1; ; attempt++) {
    const found: string[] = [];
    const files: ObjectInfo[] = [];
    for await (const file of store.list(referencePrefix(reference.name)))
      if (file.key.endsWith('.parquet')) files.push(file);
    try {
      for (const file of files)
        for await (const row of rowsOfPerson({ store, file, naming, columns })) {
          found.push(lines.referenceRow(reference, row));
          if (found.length === most) return found;
        }
      return found;
    } catch (error) {
      if (!isReplaced(error) || attempt === maxAttempts) throw error;
    }
  }
}
