import type { Column, EventType, IndexedColumn } from '@sluice/event-schema';
import type { KeyText, LakeDate } from '@sluice/lake-layout';
import type { KeyValue } from './key-value';
import type { MomentWindow } from './moments';
import type { FoundRow, Position, RowOrder } from './row-collector';

/** A query for rows of some keys on some days, in the terms of the table. */
export interface RowQuery {
  readonly eventType: EventType;
  readonly table: string;
  readonly keyColumn: Column;
  readonly keys: readonly KeyValue[];
  readonly dates: readonly LakeDate[];
  readonly window: MomentWindow;
  readonly order: RowOrder;
  /** True where only the first row of each key, in the wanted order, is needed. */
  readonly onlyFirst: boolean;
  /** Columns of every row, in this order. */
  readonly columns: readonly Column[];
  /** Decides whether a row names a person who is hidden. @default none is */
  readonly isHidden?: (row: FoundRow) => boolean;
  /** All columns of the table. */
  readonly tableColumns: readonly Column[];
  /** Largest number of rows to return. */
  readonly maxRows: number;
  /** Position after which rows are wanted, exclusive. */
  readonly after?: Position | undefined;
  /** The moments at which rows of a key are wanted, ascending. @default any moment */
  readonly places?: ReadonlyMap<KeyText, readonly bigint[]>;
  /** Decides whether a row that counts is wanted. @default all are */
  readonly isWanted?: (row: FoundRow) => boolean;
  /** True to treat keys that differ only in case as one, in lower case. @default false */
  readonly inLowerCase?: boolean;
  /**
   * True to read compacted files as if raw files, which may hold copies of their rows, were searched too. @default
   * false
   */
  readonly besideRawFiles?: boolean;
}

/** A query for rows of one value of an indexed column on some days. */
export interface ValueQuery extends Omit<RowQuery, 'keys' | 'places' | 'isWanted'> {
  readonly index: IndexedColumn & { readonly value: KeyValue };
}
