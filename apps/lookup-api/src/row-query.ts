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
  /** Decides whether a row is of somebody who is to be forgotten. @default none is */
  readonly isHidden?: (row: FoundRow) => boolean;
  /** All columns of the table. */
  readonly tableColumns: readonly Column[];
  /** Largest number of rows to return. */
  readonly maxRows: number;
  /** Position after which rows are wanted, exclusive. */
  readonly after?: Position | undefined;
  /** The moments at which rows of a key are wanted, ascending. @default at any */
  readonly places?: ReadonlyMap<KeyText, readonly bigint[]>;
  /** Decides of a row that counts whether it is wanted. @default all are */
  readonly isWanted?: (row: FoundRow) => boolean;
  /** Takes keys that differ in their case for one, the one in lower case. @default false */
  readonly inLowerCase?: boolean;
  /** True to read of compacted files what is read where raw files, which may hold copies of their rows, are searched as well. @default false */
  readonly besideRawFiles?: boolean;
}

/** A query for rows of one value of an indexed column on some days. */
export interface ValueQuery extends Omit<RowQuery, 'keys' | 'places' | 'isWanted'> {
  readonly index: IndexedColumn & { readonly value: KeyValue };
}
