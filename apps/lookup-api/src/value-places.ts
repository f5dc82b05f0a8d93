// Finds where the rows of a value may be on days of which nothing is known yet, to fetch them before their files are
// known.
import { keyColumn } from '@sluice/event-schema';
import {
  filesToken,
  keyFilterText,
  keyText,
  placesIn,
  placesKey,
  placesRange,
  placesSizes,
  type LakeDate,
} from '@sluice/lake-layout';
import type { DayFiles } from './day-files';
import { compactedLakeFile } from './lake-file';
import type { LakeReaders } from './find-rows';
import type { ValueQuery } from './row-query';

/** Largest number of days for which the row groups of a value are requested, because each takes several requests. */
const maxDaysOfPlaces = 2;

/** The slots of a value for one day, of which at most one describes the day's current files. */
export interface DayPlaces {
  readonly date: LakeDate;
  readonly slots: readonly Uint8Array[];
}

/** Reads where the rows of the value are on days of which nothing is known yet. */
export async function readPlaces(
  { index: { column, value }, dates, table }: Omit<ValueQuery, 'isHidden'>,
  { store, dayFiles }: LakeReaders,
): Promise<readonly DayPlaces[]> {
  const unknown = dates.filter((date) => dayFiles.isProbablySealed(table, date));
  if (unknown.length > maxDaysOfPlaces) return [];
  const text = keyFilterText(keyText(value, column.type), column);
  return Promise.all(
    unknown.map(async (date): Promise<DayPlaces> => {
      const slots = await Promise.all(
        placesSizes.map(async (sizeBits) => {
          try {
            const key = placesKey(table, date, { column: column.name, sizeBits });
            return [(await store.get(key, { range: placesRange(text, sizeBits) })).bytes];
          } catch {
            // A day has at most one such object, of one of the sizes.
            return [];
          }
        }),
      );
      return { date, slots: slots.flat() };
    }),
  );
}

/** Begins to read the row groups that hold rows of the value, in parallel to their entries. */
export async function readGroups(
  places: readonly DayPlaces[],
  { index: { column, value }, eventType }: ValueQuery,
  days: readonly DayFiles[],
  { store, files }: LakeReaders,
): Promise<void> {
  const text = keyFilterText(keyText(value, column.type), column);
  const reads = places.flatMap(({ date, slots }) => {
    const { compacted = [] } = days.find((day) => day.date === date) ?? {};
    const sorted = [...compacted].sort((a, b) => (a.key < b.key ? -1 : 1));
    const of = filesToken(compacted);
    return slots
      .flatMap((slot) => placesIn(slot, text, of))
      .map(async ({ file: at, group }) => {
        const file = sorted[at] && compactedLakeFile(sorted[at]);
        const range = file && files.groupRange(file, group, keyColumn(eventType).name);
        if (range) await store.get(file.key, { range, ifMatch: file.etag });
      });
  });
  await Promise.all(reads);
}
