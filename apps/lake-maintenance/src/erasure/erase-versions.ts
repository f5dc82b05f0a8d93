// Deletes what a bucket with versioning still keeps of erased people: noncurrent versions of replaced files.
import {
  compactedPrefix,
  errorsPrefix,
  icebergPrefix,
  indexPrefix,
  keyFilterPrefix,
  manifestKey,
  queryResultsPrefix,
  rawPrefix,
  referencePrefix,
  referenceVersionsPrefix,
  resultPrefix,
  takenPrefix,
  type NoncurrentVersions,
} from '@sluice/lake-layout';
import type { Certificate } from '@sluice/privacy/erasures';
import type { ReferenceErasure } from './erase-references';
import type { ErasureReport } from './erase-subjects';

/** A report as certificates hold it: those of earlier releases name no days of indexes. */
type RecordedReport = Omit<ErasureReport, 'indexDays'> & Partial<Pick<ErasureReport, 'indexDays'>>;

export interface EraseVersionsOptions {
  readonly versions: NoncurrentVersions;
  /** Names of joins by the table to whose days their results belong. */
  readonly joinsOf: Readonly<Record<string, readonly string[]>>;
}

/**
 * Deletes the noncurrent versions of all objects that named the person, or were derived from such objects: of the
 * affected days, the error output, the Iceberg table, reference tables, results of joins and queries, and dropped
 * files.
 *
 * @returns their number
 */
export async function eraseVersions(
  { tables, passes }: Pick<Certificate, 'tables' | 'passes'>,
  { versions, joinsOf }: EraseVersionsOptions,
): Promise<number> {
  const prefixes = new Set([queryResultsPrefix]);
  for (const table of tables) {
    prefixes.add(errorsPrefix(table));
    prefixes.add(`${takenPrefix}${table}/`);
    const reports = passes.flatMap((pass) => pass.tables as readonly RecordedReport[]);
    const dates = reports
      .filter((report) => report.table === table)
      .flatMap(({ days, indexDays = [] }) => [...days.map(({ date }) => date), ...indexDays]);
    if (dates.length > 0) {
      prefixes.add(`${icebergPrefix(table)}/`);
      for (const join of joinsOf[table] ?? []) prefixes.add(resultPrefix(join));
    }
    for (const date of dates) {
      for (const prefixOf of [rawPrefix, compactedPrefix, indexPrefix, keyFilterPrefix])
        prefixes.add(prefixOf(table, date));
      // The bounds of its files are keys.
      prefixes.add(manifestKey(table, date));
    }
  }
  for (const pass of passes)
    for (const { reference, rows, versions: kept } of (pass.references ??
      []) as readonly ReferenceErasure[])
      if (rows + kept > 0)
        for (const prefix of [referencePrefix(reference), referenceVersionsPrefix(reference)])
          prefixes.add(prefix);
  let deleted = 0;
  for (const prefix of prefixes) deleted += await versions.delete(prefix);
  return deleted;
}
