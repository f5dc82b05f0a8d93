import { check, CorruptParquetError, UnsupportedParquetError } from './errors';
import type { Page } from './page';
import { valueAt } from './raw-values';
import type { FileColumn } from './schema';
import type { Leaf } from './shape';
import type { Member, Shape } from './shape';
import type { ParquetValue } from './value-type';

/** Reads the values of one column, row after row. */
export interface ColumnReader {
  /** Returns the value of the next row. @throws CorruptParquetError where there is no further row */
  read(): ParquetValue;
  /** Returns the values of the next `rows` rows. @throws CorruptParquetError where there are fewer */
  readMany(rows: number): ParquetValue[];
  /** Skips the next row. */
  skip(): void;
}

/**
 * Returns a reader of one column.
 *
 * @param pages of each leaf: all pages of its chunk, in their order
 */
export function createColumnReader(
  { name, shape, leaves }: FileColumn,
  pages: (leaf: Leaf) => Iterator<Page>,
): ColumnReader {
  const cursors = new Map(leaves.map((leaf) => [leaf, new LeafCursor(leaf, pages(leaf))]));
  const all = [...cursors.values()];
  const { read } = assembler(shape, name, cursors);
  let row = 0;
  const begin = (): void => {
    for (const cursor of all) cursor.beginRow(row);
    row++;
  };
  const [flat] = shape.kind === 'value' ? all : [];
  return {
    read() {
      begin();
      return read();
    },
    readMany(rows) {
      const values: ParquetValue[] = [];
      if (flat) {
        flat.readFlat(row, rows, values);
        row += rows;
      } else
        while (values.length < rows) {
          begin();
          values.push(read());
        }
      return values;
    },
    skip() {
      begin();
      for (const cursor of all) cursor.skipRow();
    },
  };
}

const atEnd = -1;

/** Steps through the levels of a leaf, one page after the other. */
class LeafCursor {
  /** Levels of the current entry; both are -1 after the last one. */
  definition = atEnd;
  repetition = atEnd;
  readonly #pages: Iterator<Page>;
  #page: Page | undefined;
  #level = 0;
  #valueIndex = 0;
  /** Row of the current entry. */
  #row = -1;

  constructor(
    readonly leaf: Leaf,
    pages: Iterator<Page>,
  ) {
    this.#pages = pages;
    this.#nextPage();
  }

  /** Returns the value of the current entry, which must not be null. */
  value(): ParquetValue {
    if (!this.#page) throw this.#misfit();
    return valueAt(this.#page.values, this.#valueIndex, this.leaf.type);
  }

  next(): void {
    const page = this.#page;
    if (!page) throw this.#misfit();
    if (this.definition === this.leaf.maxDefinition) this.#valueIndex++;
    if (++this.#level < page.count) this.#stand(page);
    else this.#nextPage();
  }

  /** Adds the values of the next `rows` rows of a leaf that has one entry for each row. @param row the next row */
  readFlat(row: number, rows: number, values: ParquetValue[]): void {
    const { maxDefinition, type } = this.leaf;
    while (rows > 0) {
      this.beginRow(row);
      const page = this.#page;
      if (!page) throw this.#misfit();
      const { definitions } = page;
      const some = Math.min(rows, page.count - this.#level);
      const end = this.#level + some;
      for (let level = this.#level; level < end; level++)
        values.push(
          definitions && definitions[level] !== maxDefinition
            ? null
            : valueAt(page.values, this.#valueIndex++, type),
        );
      row += some;
      rows -= some;
      // The current entry becomes the last one that was read, from which it goes on like any other.
      this.#level = end;
      this.#row += some - 1;
      if (end < page.count) this.#stand(page);
      else this.#nextPage();
    }
  }

  /** Checks that the previous row was read completely, and nothing after it. */
  beginRow(row: number): void {
    if (this.#row !== row || this.repetition !== 0) throw this.#misfit();
  }

  skipRow(): void {
    do this.next();
    while (this.repetition > 0);
  }

  #nextPage(): void {
    for (let next = this.#pages.next(); next.done !== true; next = this.#pages.next()) {
      if (next.value.count === 0) continue;
      this.#page = next.value;
      this.#level = 0;
      this.#valueIndex = 0;
      this.#stand(next.value);
      return;
    }
    this.#page = undefined;
    this.definition = atEnd;
    this.repetition = atEnd;
  }

  #stand({ definitions, repetitions }: Page): void {
    const { maxDefinition } = this.leaf;
    this.definition = definitions ? (definitions[this.#level] ?? 0) : maxDefinition;
    this.repetition = repetitions ? (repetitions[this.#level] ?? 0) : 0;
    if (this.repetition === 0) this.#row++;
  }

  #misfit(): CorruptParquetError {
    return new CorruptParquetError(`column "${this.leaf.name}" has levels that don't fit its rows`);
  }
}

interface Assembler {
  /** Cursors of the leaves below. The first of them tells where lists end and which values are null. */
  readonly cursors: readonly LeafCursor[];
  /** Consumes the entries of one value and assembles it. */
  readonly read: () => ParquetValue;
}

/**
 * Returns the assembler of a shape: it builds values from the levels of their leaves (Dremel's record assembly) and
 * looks at each entry once.
 */
function assembler(shape: Shape, name: string, cursorOf: ReadonlyMap<Leaf, LeafCursor>): Assembler {
  switch (shape.kind) {
    case 'value': {
      const cursor = cursorOf.get(shape.leaf);
      check(cursor !== undefined, () => `column "${name}" has a leaf of another`);
      const { maxDefinition } = shape.leaf;
      const read = (): ParquetValue => {
        const value = cursor.definition === maxDefinition ? cursor.value() : null;
        cursor.next();
        return value;
      };
      return { cursors: [cursor], read };
    }
    case 'struct':
    case 'variant':
      return structAssembler(shape, name, cursorOf);
    case 'list':
      return listAssembler(shape, assembler(shape.item, name, cursorOf));
    case 'map': {
      const { key, value } = shape;
      const members = [
        { name: 'key', shape: key },
        ...(value ? [{ name: 'value', shape: value }] : []),
      ];
      const entry = { definition: shape.itemDefinition, members };
      return listAssembler(shape, structAssembler(entry, name, cursorOf));
    }
  }
}

function structAssembler(
  { definition, members }: { readonly definition: number; readonly members: readonly Member[] },
  column: string,
  cursorOf: ReadonlyMap<Leaf, LeafCursor>,
): Assembler {
  const names = new Set<string>();
  for (const { name } of members)
    if (names.has(name))
      throw new UnsupportedParquetError(`column "${column}" has several members named "${name}"`);
    else names.add(name);
  const parts = members.map(({ name, shape }) => ({
    name,
    ...assembler(shape, column, cursorOf),
  }));
  const cursors = parts.flatMap((part) => part.cursors);
  const [first] = cursors;
  check(first !== undefined, () => `column "${column}" has a struct without members`);
  return {
    cursors,
    read() {
      if (first.definition < definition) return takeNone(cursors, null);
      const value: Record<string, ParquetValue> = {};
      for (const { name, read } of parts) setMember(value, name, read());
      return value;
    },
  };
}

/** Sets a member, whose name may be that of a property that every object has. */
function setMember(value: Record<string, ParquetValue>, name: string, member: ParquetValue): void {
  if (name !== '__proto__') value[name] = member;
  else
    Object.defineProperty(value, name, {
      value: member,
      enumerable: true,
      configurable: true,
      writable: true,
    });
}

function listAssembler(
  {
    definition,
    itemDefinition,
    itemRepetition,
  }: Pick<Shape & { readonly kind: 'list' }, 'definition' | 'itemDefinition' | 'itemRepetition'>,
  { cursors, read }: Assembler,
): Assembler {
  const [first] = cursors;
  check(first !== undefined, () => 'a list has no items');
  return {
    cursors,
    read() {
      if (first.definition < definition) return takeNone(cursors, null);
      if (first.definition < itemDefinition) return takeNone(cursors, []);
      const items: ParquetValue[] = [];
      do items.push(read());
      while (first.repetition === itemRepetition);
      return items;
    },
  };
}

function takeNone(cursors: readonly LeafCursor[], value: ParquetValue): ParquetValue {
  for (const cursor of cursors) cursor.next();
  return value;
}
