import { compactDay, backfill } from '@sluice/lake-maintenance';
import { shippedEventTypes } from '@sluice/event-types';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LocalFiles } from '../compaction/local-files';
import { peakMemoryMb } from '../peak-memory';

export interface BackfillRun {
  readonly ms: number;
  readonly cpuMs: number;
  /** Peak memory of the process since its start, in MB. */
  readonly peakMegabytes: number;
  readonly rows: number;
  readonly days: number;
}

/** Reads a folder of files into a lake and compacts its days. Meant for a separate process. */
export async function backfillOnce(files: string, lake: string): Promise<BackfillRun> {
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const eventType = shippedEventTypes.find(({ name }) => name === 'product_event');
  if (!eventType) throw new Error('there is no product_event');
  const store = new LocalFiles(lake);
  const take = backfill({ store, eventType });
  const dates = new Set<string>();
  for (const name of readdirSync(files).sort()) {
    const { status, days } = await take(join(files, name), name);
    if (status === 'elsewhere') throw new Error(`another run takes ${name}`);
    for (const date of Object.keys(days)) dates.add(date);
  }
  let rows = 0;
  for (const date of dates) rows += (await compactDay({ store, eventType, date })).rows;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    ms: performance.now() - start,
    cpuMs: (user + system) / 1000,
    peakMegabytes: peakMemoryMb(),
    rows,
    days: dates.size,
  };
}
