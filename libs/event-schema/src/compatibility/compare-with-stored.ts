import { eventColumns, keyColumn } from '../definitions/table-columns';
import type { EventType } from '../definitions/define-event';
import { glueType } from '../sql/type-names';
import { pathText, type Column } from '../schema/columns';
import { columnWidening } from './column-widening';

/** Effects of a definition on rows that an earlier one stored; each text is the end of a sentence. */
export interface StoredComparison {
  /** Columns that can't be read under their names; the definition must not be served over these rows. */
  readonly unreadable: readonly string[];
  /** Columns that the definition no longer names. Compaction keeps their values in `unmapped`. */
  readonly unnamed: readonly string[];
}

/**
 * Compares two definitions of one table. It compares columns by name and not by path, because names identify columns
 * in files.
 */
export function compareWithStored(stored: EventType, now: EventType): StoredComparison {
  const columns = new Map(eventColumns(now).map((column) => [column.name, column]));
  const unreadable: string[] = [];
  const unnamed: string[] = [];
  for (const before of eventColumns(stored)) {
    const after = columns.get(before.name);
    const label = pathText(before.path);
    if (!after) unnamed.push(`"${label}" was removed`);
    else {
      const widening = columnWidening(before.type, after.type);
      const change = `"${label}" changed from ${typeText(before)} to ${typeText(after)}`;
      if (widening === 'other')
        unreadable.push(
          `${change}, and old files hold ${typeText(before)} in column ${before.name}`,
        );
      else if (widening === 'wider')
        unreadable.push(`${change}, which the column of the table that SQL reads can't follow`);
    }
  }
  if (keyColumn(stored).name !== keyColumn(now).name)
    unreadable.unshift(
      `the key changed from "${stored.key}" to "${now.key}", and compacted files are sorted by the old one`,
    );
  return { unreadable, unnamed };
}

const typeText = ({ type }: Column): string =>
  type.kind === 'json' ? 'JSON text' : glueType(type);
