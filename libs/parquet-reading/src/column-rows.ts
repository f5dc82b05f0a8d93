import { assembleLists, assembleNested } from 'hyparquet/src/assemble.js';
import { check, CorruptParquetError } from './errors';
import { rowGroupRows, chunkLocation, type ParquetFooter } from './footer';
import { chunkPages, type Page } from './page';
import type { Leaf, SchemaNode } from './schema';
import { toValue, type ParquetValue } from './value-type';

/** Pages of one column chunk as they were fetched. */
export interface ChunkBytes {
  readonly bytes: Uint8Array;
  /** Row with which the first data page among the bytes begins. */
  readonly firstRow: number;
}

/** Leaves below a column; the column itself where it is not nested. */
export function leavesOf(node: SchemaNode): readonly Leaf[] {
  return node.leaf ? [node.leaf] : node.children.flatMap(leavesOf);
}

/**
 * Values of one column in some rows of a row group.
 *
 * @param rows ascending.
 * @param chunk the bytes of a leaf's chunk.
 */
export function readColumnRows(
  footer: ParquetFooter,
  group: number,
  column: SchemaNode,
  rows: readonly number[],
  chunk: (leaf: Leaf) => ChunkBytes,
): ParquetValue[] {
  if (rows.length === 0) return [];
  const leaf = column.leaf;
  if (leaf?.maxRepetition === 0) return readFlat(footer, group, leaf, rows, chunk(leaf));
  return readNested(footer, group, column, rows, chunk);
}

function readFlat(
  footer: ParquetFooter,
  group: number,
  leaf: Leaf,
  rows: readonly number[],
  { bytes, firstRow }: ChunkBytes,
): ParquetValue[] {
  const out: ParquetValue[] = [];
  let next = 0;
  const wants = (pageFirst: number, pageEnd: number): boolean => {
    const row = rows[next];
    return row !== undefined && row >= pageFirst && row < pageEnd;
  };
  const location = chunkLocation(footer, group, leaf);
  for (const page of chunkPages(bytes, leaf, location, { wants }, firstRow)) {
    let level = 0;
    let valueIndex = 0;
    for (let row = rows[next]; row !== undefined; row = rows[++next]) {
      const inPage = row - page.firstRow;
      if (inPage >= page.count) break;
      if (!page.definitions) {
        out.push(toValue(page.values.at(inPage), leaf.type));
        continue;
      }
      while (level < inPage) if (page.definitions[level++] === leaf.maxDefinition) valueIndex++;
      const isThere = page.definitions[inPage] === leaf.maxDefinition;
      out.push(isThere ? toValue(page.values.at(valueIndex), leaf.type) : null);
    }
    if (next === rows.length) return out;
  }
  throw new CorruptParquetError(
    `column "${leaf.name}" of row group ${group} ends before row ${rows[next] ?? -1} of ${rowGroupRows(footer, group)}`,
  );
}

/** Levels and values of single rows of a leaf, each as hyparquet's assembling takes them. */
function readLeafRows(
  footer: ParquetFooter,
  group: number,
  leaf: Leaf,
  rows: readonly number[],
  { bytes }: ChunkBytes,
): ParquetValue[] {
  const out: ParquetValue[] = [];
  const location = chunkLocation(footer, group, leaf);
  let row = -1;
  let next = 0;
  let definitions: number[] = [];
  let repetitions: number[] = [];
  let values: ParquetValue[] = [];
  const finishRow = (): void => {
    if (row !== rows[next]) return;
    next++;
    const assembled = assembleLists(
      [],
      definitions,
      leaf.maxRepetition > 0 ? repetitions : [],
      values,
      leaf.nodes,
    ) as ParquetValue[];
    check(assembled.length === 1, () => `column "${leaf.name}" has levels that don't fit`);
    out.push(assembled[0] ?? null);
    definitions = [];
    repetitions = [];
    values = [];
  };
  const takePage = ({ count, definitions: defs, repetitions: reps, values: raw }: Page): void => {
    let valueIndex = 0;
    for (let level = 0; level < count; level++) {
      const repetition = reps?.[level] ?? 0;
      if (repetition === 0) {
        if (row >= 0) finishRow();
        row++;
      }
      check(row >= 0, () => `column "${leaf.name}" begins within a row`);
      const definition = defs ? (defs[level] ?? 0) : leaf.maxDefinition;
      const isThere = definition === leaf.maxDefinition;
      if (row === rows[next]) {
        definitions.push(definition);
        repetitions.push(repetition);
        if (isThere) values.push(toValue(raw.at(valueIndex), leaf.type));
      }
      if (isThere) valueIndex++;
    }
  };
  for (const page of chunkPages(bytes, leaf, location)) {
    takePage(page);
    if (next === rows.length) return out;
  }
  finishRow();
  check(next === rows.length, () => `column "${leaf.name}" of row group ${group} ends early`);
  return out;
}

function readNested(
  footer: ParquetFooter,
  group: number,
  column: SchemaNode,
  rows: readonly number[],
  chunk: (leaf: Leaf) => ChunkBytes,
): ParquetValue[] {
  const leaves = leavesOf(column);
  const byLeaf = leaves.map((leaf) => readLeafRows(footer, group, leaf, rows, chunk(leaf)));
  return rows.map((_, index) => {
    const parts = new Map<string, unknown>(
      leaves.map(({ nodes }, at) => [nodes.at(-1)?.path.join('.') ?? '', [byLeaf[at]?.[index]]]),
    );
    try {
      if (!column.leaf) assembleNested(parts as never, column, {} as never);
    } catch (cause) {
      throw new CorruptParquetError(`column "${column.element.name}" does not fit its schema`, {
        cause,
      });
    }
    const [value] = (parts.get(column.path.join('.')) ?? []) as unknown[];
    return finish(value, column);
  });
}

/** hyparquet leaves `undefined` for null, and maps as structs around their entries. */
function finish(value: unknown, node: SchemaNode): ParquetValue {
  const repeatedSelf = node.element.repetition_type === 'REPEATED';
  if (value === undefined || value === null) return repeatedSelf ? [] : null;
  if (repeatedSelf && Array.isArray(value)) return value.map((item) => finishOne(item, node));
  return finishOne(value, node);
}

function finishOne(value: unknown, node: SchemaNode): ParquetValue {
  if (value === undefined || value === null) return null;
  if (node.leaf) return value as ParquetValue;
  const [only] = node.children;
  if (node.isMap && only) {
    const entries = (value as Record<string, unknown>)[only.element.name];
    return finish(entries ?? [], only);
  }
  if (node.element.converted_type === 'LIST' && only && Array.isArray(value)) {
    const item = only.children.length === 1 && only.children[0] ? only.children[0] : only;
    return value.map((element) => finishOne(element, item));
  }
  const out: Record<string, ParquetValue> = {};
  for (const child of node.children)
    out[child.element.name] = finish((value as Record<string, unknown>)[child.element.name], child);
  return out;
}
