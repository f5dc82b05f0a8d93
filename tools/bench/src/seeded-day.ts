import { createRowTableBuilder } from '@sluice/columns';
import { defineEvent, tableColumns, type EventType } from '@sluice/event-schema';
import { rawHourPrefix, type LakeDate, type ObjectStore } from '@sluice/lake-layout';
import { rawLayout, writeParquet } from '@sluice/parquet-writing';
import { seededRandom } from '@sluice/values/seeded-random';

const properties = {
  id: { type: 'string' },
  type: { type: 'string' },
  actor: { type: 'object', properties: { id: { type: 'integer' }, login: { type: 'string' } } },
  amount: { type: 'number' },
  created_at: { type: 'string', format: 'date-time' },
  body: { type: 'string' },
} as const;

/** An event type with ten columns, system columns included, whose key is a UUID. */
export const benchEvent = defineEvent({
  name: 'bench_event',
  version: '1.0.0',
  key: 'id',
  identity: 'id',
  schema: { type: 'object', required: ['id'], properties },
});

/** The same event type with one more value by which rows are found: a session has one to three of them. */
export const indexedBenchEvent = defineEvent({
  name: benchEvent.name,
  version: '1.1.0',
  key: 'id',
  identity: 'id',
  indexes: ['session'],
  schema: {
    type: 'object',
    required: ['id'],
    properties: { ...properties, session: { type: 'string' } },
  },
});

export interface SeededDayOptions {
  /** @default {@link benchEvent} */
  readonly eventType?: EventType;
  readonly rows: number;
  readonly files: number;
  readonly date?: LakeDate;
  readonly seed?: number;
}

export const benchDate: LakeDate = '2026-11-20';

const eventTypes = ['push', 'pull_request', 'issue', 'release', 'fork', 'watch'];
const words =
  'merge fix add test docs build lake river key row file day sort read write plan'.split(' ');

/** Writes the raw files of one day, as Firehose would have written them during the day. */
export async function writeSeededDay(
  store: Pick<ObjectStore, 'put'>,
  { eventType = benchEvent, rows, files, date = benchDate, seed = 1 }: SeededDayOptions,
): Promise<void> {
  const source = seededRandom(seed);
  const random = (): number => source.fraction();
  const hex = (digits: number): string =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const builder = createRowTableBuilder(tableColumns(eventType));
  const hasSessions = eventType.indexes?.includes('session') === true;
  const startMs = Date.parse(date);
  const time = (ms: number): string => new Date(ms).toISOString();
  let written = 0;
  for (let file = 0; file < files; file++) {
    const end = Math.round((rows * (file + 1)) / files);
    const fileMs = startMs + Math.floor((file * 86_400_000) / files);
    for (; written < end; written++) {
      const id = `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
      const actor = Math.floor(random() ** 3 * 50_000);
      const fault = builder.append({
        id,
        type: pick(eventTypes),
        actor_id: actor,
        actor_login: `user-${actor}`,
        amount: Math.round(random() * 1e6) / 100,
        created_at: time(fileMs - Math.floor(random() * 60_000)),
        body: Array.from({ length: 3 + Math.floor(random() * 6) }, () => pick(words)).join(' '),
        event_id: id,
        ingested_at: time(fileMs),
        unmapped: random() < 0.02 ? `{"extra":${Math.floor(random() * 1000)}}` : null,
        ...(hasSessions && { session: `s-${seed}-${Math.floor((random() * rows) / 1.5)}` }),
      });
      if (fault) throw new Error(`${fault.column}: ${fault.detail}`);
    }
    const { bytes } = writeParquet(builder.finish(), rawLayout);
    const stamp = time(fileMs).slice(0, 19).replace(/[T:]/g, '-');
    const hour = stamp.slice(11, 13);
    const name = `sluice-bench-${benchEvent.name}-1-${stamp}-${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
    await store.put(`${rawHourPrefix(benchEvent.name, date, hour)}${name}.parquet`, bytes);
  }
}
