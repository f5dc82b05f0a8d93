import { assumptions, type Prices } from '@sluice/cost-model';
import { countText, counted, dollarsText, sizeText } from '@sluice/values/figures';

/** A lake, and a person in it. */
export interface ErasureWorkload {
  /** Size of all compacted files of the event types, in bytes. */
  readonly storedBytes: number;
  /** Number of days that have rows, over all event types. */
  readonly days: number;
  /** Number of them in which the person has rows. */
  readonly daysHeld: number;
  /**
   * Number of files of such a day that hold the person: one where rows are sorted by the person, else up to one for
   * each row.
   */
  readonly filesHeld: number;
  /** Number of indexes of the event types. Those of a day that holds the person are read to take its entries out. */
  readonly indexes: number;
  /** What tells which files hold the person: the key or an index; otherwise every file is read. */
  readonly foundBy: 'key' | 'index' | 'scan';
}

/** An erasure with its cost in US dollars. */
export interface ErasureEstimate {
  /** Number of requests to S3: GETs, then PUTs and LISTs, which cost as much as each other. */
  readonly gets: number;
  readonly puts: number;
  /** Bytes of files that are read whole to find rows. */
  readonly searchedBytes: number;
  /** Bytes of files that are rewritten. */
  readonly rewrittenBytes: number;
  /** Seconds of the function, all runs together. */
  readonly seconds: number;
  readonly requests: number;
  readonly lambda: number;
  /** Storage of replaced files and of their versions until they go. */
  readonly storage: number;
  readonly total: number;
}

const gigabyte = 2 ** 30;

/** Estimates what it costs to erase one person. People who are erased together share the requests for days. */
export function estimateErasure(workload: ErasureWorkload, prices: Prices): ErasureEstimate {
  const { days, foundBy, storedBytes } = workload;
  const daysHeld = Math.min(workload.daysHeld, days);
  const { fileBytes, indexShare, perDay, perHeldDay, perFile, memoryGB } = assumptions.erasure;
  const { secondsPerRequest, rewriteBytesPerSecond, scanBytesPerSecond, filteredDayBytes } =
    assumptions.erasure;
  const bytesPerDay = days === 0 ? 0 : storedBytes / days;
  const file = Math.min(fileBytes, bytesPerDay);
  const files = daysHeld * Math.min(workload.filesHeld, Math.max(1, bytesPerDay / fileBytes));
  const indexes = Math.max(workload.indexes, foundBy === 'index' ? 1 : 0);
  const indexBytes = indexes * bytesPerDay * indexShare;
  // Each row that goes has an entry in one file of each index.
  const indexFiles =
    indexes *
    Math.min(files, Math.max(daysHeld, (daysHeld * bytesPerDay * indexShare) / fileBytes));
  const rewrittenBytes = files * file + indexFiles * Math.min(fileBytes, bytesPerDay * indexShare);
  // The next compaction makes the filters of such a day anew, and what tells where the values of indexes are.
  const filteredBytes =
    bytesPerDay <= filteredDayBytes
      ? bytesPerDay + indexBytes + (indexes > 0 ? bytesPerDay : 0)
      : 0;
  const searchedBytes =
    daysHeld * (indexBytes + filteredBytes) + (foundBy === 'scan' ? storedBytes : files * file);
  // Each file that is searched is read in one request.
  const searchedFiles = file === 0 ? 0 : searchedBytes / file;
  const gets =
    days * (perDay.gets + perDay.ranges[foundBy]) + daysHeld * perHeldDay.gets + searchedFiles;
  const puts =
    days * perDay.lists +
    daysHeld * perHeldDay.puts +
    (file === 0 ? 0 : rewrittenBytes / file) * perFile.puts;
  const seconds =
    (gets + puts) * secondsPerRequest +
    searchedBytes / scanBytesPerSecond +
    rewrittenBytes / rewriteBytesPerSecond;
  const requests = (gets * prices.s3.perThousandGets + puts * prices.s3.perThousandPuts) / 1_000;
  const lambda = seconds * memoryGB * prices.lambda.perGBSecond;
  const storage =
    (rewrittenBytes / gigabyte) *
    (prices.s3.perGBMonth[0]?.price ?? 0) *
    (assumptions.erasure.keptDays / assumptions.daysPerMonth);
  return {
    ...{ gets, puts, searchedBytes, rewrittenBytes, seconds, requests, lambda, storage },
    total: requests + lambda + storage,
  };
}

/** Writes the estimate as text for a terminal. */
export function erasureReport(
  workload: ErasureWorkload,
  region: string,
  estimate: ErasureEstimate,
): string {
  const { storedBytes, days, daysHeld, filesHeld, foundBy } = workload;
  const found = {
    key: 'found by the key',
    index: 'found by an index',
    scan: 'without key or index, so that every file is read',
  }[foundBy];
  return [
    `One person in ${sizeText(storedBytes)} of ${countText(days)} days, in ${counted(filesHeld, 'file')} of ${countText(daysHeld)} days each, ${found}, in ${region}`,
    `US$ ${dollarsText(estimate.total)}: requests ${dollarsText(estimate.requests)}, function ${dollarsText(estimate.lambda)}, storage until replaced files go ${dollarsText(estimate.storage)}`,
    `${countText(estimate.gets)} GETs, ${countText(estimate.puts)} PUTs and LISTs; ${sizeText(estimate.searchedBytes)} searched, ${sizeText(estimate.rewrittenBytes)} written anew; ${countText(estimate.seconds / 60)} minutes of the function.`,
    ...(foundBy === 'scan'
      ? ['An index on the subject (docs/lookup.md) leaves the files that hold the person.']
      : []),
    ...(estimate.searchedBytes > estimate.rewrittenBytes && foundBy !== 'scan' && daysHeld > 0
      ? ['Most of what is searched are the indexes and filters of the days that hold the person.']
      : []),
    'Assumptions in libs/cost-model/src/workload.ts. Without the last pass for events on their way, which costs the requests of the days once more.',
  ].join('\n');
}
