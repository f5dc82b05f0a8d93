import type { Column, EventType } from '@sluice/event-schema';
import type { LakeDate } from '@sluice/lake-layout';
import type { KeyValue } from './key-value';
import type { MomentWindow } from './moments';
import type { FoundRow, Position, RowOrder } from './row-collector';

/** Rows of some keys on some days, in the terms of the table. */
export interface RowQuery {
  readonly eventType: EventType;
  readonly table: string;
  readonly keyColumn: Column;
  readonly keys: readonly KeyValue[];
  readonly dates: readonly LakeDate[];
  readonly window: MomentWindow;
  readonly order: RowOrder;
  /** Whether only the first row of each key, in the order asked for, is wanted. */
  readonly onlyFirst: boolean;
  /** What every row carries, in this order. */
  readonly columns: readonly Column[];
  /** Decides whether a row is of somebody who is to be forgotten. @default none is */
  readonly isHidden?: (row: FoundRow) => boolean;
  /** All that the table has. */
  readonly tableColumns: readonly Column[];
  /** The most rows that are wanted. */
  readonly maxRows: number;
  /** Rows up to and including this position are left out. */
  readonly after?: Position;
}
