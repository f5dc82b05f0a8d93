/** `YYYY-MM-DD`, UTC. */
export type LakeDate = string;

export const rawPrefix = (table: string, date: LakeDate): string => `${table}/raw/dt=${date}/`;

export const rawTablePrefix = (table: string): string => `${table}/raw/`;

export const compactedPrefix = (table: string, date: LakeDate): string =>
  `${table}/compacted/dt=${date}/`;

export const compactedKey = (table: string, date: LakeDate, unique: string): string =>
  `${compactedPrefix(table, date)}${unique}.parquet`;

export const manifestPrefix = (table: string): string => `${table}/manifests/`;

export const manifestKey = (table: string, date: LakeDate): string =>
  `${manifestPrefix(table)}dt=${date}.json`;

export const errorsPrefix = (table: string): string => `${table}/errors/`;

/** The `dt=` part of a key of the lake, or undefined where it has none. */
export const dateOfKey = (key: string): LakeDate | undefined =>
  /(?:^|\/)dt=(\d{4}-\d{2}-\d{2})(?:[/.]|$)/.exec(key)?.[1];

/** UTC date of a moment. */
export const lakeDate = (ms: number): LakeDate => new Date(ms).toISOString().slice(0, 10);
