import type { Column } from '@sluice/event-schema';
import { columnLeaf, keyDomain, type ParquetFooter, type RawKey } from '@sluice/parquet-reading';

/** Returns texts as a file's column holds them; undefined where it holds them in another type than texts and integers. */
export function rawKeys(
  footer: ParquetFooter,
  column: Column,
  texts: readonly string[],
): readonly RawKey[] | undefined {
  const leaf = columnLeaf(footer, column.name);
  if (!leaf) return undefined;
  if (column.type.kind === 'string')
    return keyDomain(leaf.type) === 'bytes' && leaf.type.value.kind !== 'uuid'
      ? texts.map((text) => Buffer.from(text))
      : undefined;
  if (column.type.kind !== 'bigint' || keyDomain(leaf.type) === 'bytes') return undefined;
  return texts.flatMap((text) => (/^-?\d{1,19}$/.test(text) ? [BigInt(text)] : []));
}
