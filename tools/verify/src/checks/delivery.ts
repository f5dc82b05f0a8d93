import { Unexpected } from '@sluice/checks';
import { tableName, type EventType } from '@sluice/event-schema';
import { errorsPrefix, lakeDate, rawPrefix } from '@sluice/lake-layout';
import { byEventType } from '../by-event-type';
import type { Check } from '../check';
import { compareRow, hasMark } from '../compare-row';
import { clearEventType, type PostedEvent, type VerifyRun } from '../verify-run';

/** Milliseconds by which the clocks of a laptop and of AWS may differ. */
const clockToleranceMs = 120_000;

export const deliveryChecks: readonly Check[] = [
  {
    id: 'delivery.rows',
    assumption: 'Firehose transforms, converts and stores; a look-up finds the row in a minute.',
    expected: 'a row for each event that was taken',
    needs: ['gateway.post', 'gateway.batch'],
    run: (run) =>
      byEventType(run.target.eventTypes, async (eventType) => {
        const events = run.postedOf(eventType);
        const seconds = await waitForRows(run, eventType, events);
        return `${events.length} rows after ${seconds} s`;
      }),
  },
  {
    id: 'delivery.columns',
    assumption:
      'Types, names and order of columns are the same in function, Glue table and look-up.',
    expected: 'every column of every row holds what the event had',
    needs: ['delivery.rows'],
    run: (run) =>
      byEventType(run.target.eventTypes, (eventType) => {
        let columns = 0;
        for (const event of run.postedOf(eventType)) {
          const row = run.rows.get(event.text) ?? {};
          const differences = compareRow(row, event, {
            arrivedMs: [event.postedMs - clockToleranceMs, Date.now() + clockToleranceMs],
            hashOf: run.hashOf,
          });
          const [first] = differences;
          if (first)
            throw new Unexpected(
              `column ${first.column}: expected ${short(first.expected)}, observed ${short(first.observed)}` +
                (differences.length > 1
                  ? `; ${differences.length - 1} columns more: ${differences
                      .slice(1, 6)
                      .map(({ column }) => column)
                      .join(', ')}`
                  : ''),
            );
          columns = Object.keys(row).length;
        }
        return Promise.resolve(`${columns} columns`);
      }),
  },
  {
    id: 'delivery.files',
    assumption: 'Firehose puts Parquet files where the manifest, Glue and the look-up expect them.',
    expected: '<table>/raw/dt=YYYY-MM-DD/hour=HH/<name>.parquet that begins and ends with PAR1',
    needs: ['gateway.post'],
    run: (run) =>
      byEventType(run.target.eventTypes, async (eventType) => {
        const key = await run.until(
          () => newFile(run, eventType),
          async () => `no file; ${await newObjects(run, eventType)}`,
        );
        if (!/\/raw\/dt=\d{4}-\d\d-\d\d\/hour=\d\d\/[^/]+\.parquet$/.test(key))
          throw new Unexpected(`a file at ${key}`);
        const { bytes } = await run.target.store.get(key);
        const [head, tail] = [bytes.subarray(0, 4), bytes.subarray(-4)].map((part) =>
          Buffer.from(part).toString('latin1'),
        );
        if (head !== 'PAR1' || tail !== 'PAR1')
          throw new Unexpected(`${key} begins with ${JSON.stringify(head)}`);
        return key.slice(key.indexOf('/raw/') + 1, key.lastIndexOf('/'));
      }),
  },
  {
    id: 'delivery.refused-record',
    assumption: 'What the function refuses comes to the error output with its original bytes.',
    expected: 'a line in errors/processing-failed/ whose rawData is the record',
    run: async (run) => {
      const eventType = clearEventType(run);
      const table = tableName(eventType);
      const data = `{"verify":"${run.mark}","broken`;
      await run.putRecord(table, data);
      const found = await run.until(
        () => errorLineOf(run, table, data),
        async () => `no such line; ${await newObjects(run, eventType)}`,
      );
      if (!found.key.startsWith(`${errorsPrefix(table)}processing-failed/dt=`))
        throw new Unexpected(found.key);
      if (found.isAlone) run.ownObjects.add(found.key);
      return `${found.errorCode} in ${found.key.slice(0, found.key.lastIndexOf('/'))}`;
    },
  },
];

/**
 * Waits until all posted events have rows.
 *
 * @returns seconds from the last post to the last row
 * @throws Unexpected where rows are missing
 */
export async function waitForRows(
  run: VerifyRun,
  eventType: EventType,
  events: readonly PostedEvent[],
): Promise<number> {
  await run.until(
    async () => {
      const rows = await run.lookUp(events);
      for (const event of events) {
        const own = rows.filter((row) => hasMark(row, event, run.hashOf));
        if (own.length > 1) throw new Unexpected(`${own.length} rows of one event`);
        const [row] = own;
        if (row) run.rows.set(event.text, row);
      }
      if (events.every(({ text }) => run.rows.has(text))) return true;
      const failed = await failureOf(run, eventType, events);
      if (failed !== undefined) throw new Unexpected(failed);
      return undefined;
    },
    async () => {
      const there = events.filter(({ text }) => run.rows.has(text)).length;
      return `${there} of ${events.length} rows; ${await newObjects(run, eventType)}`;
    },
  );
  const lastMs = Math.max(...events.map(({ postedMs }) => postedMs));
  return Math.round((Date.now() - lastMs) / 1000);
}

interface FoundLine {
  readonly key: string;
  /** True where the object holds no other line. */
  readonly isAlone: boolean;
  readonly errorCode: string;
  readonly errorMessage: string;
}

/** Yields the error lines written since the run began. */
async function* newErrorLines(
  run: VerifyRun,
  table: string,
): AsyncGenerator<FoundLine & { readonly data: string }> {
  const { store } = run.target;
  for await (const { key, modifiedMs } of store.list(errorsPrefix(table))) {
    if (modifiedMs < run.startedAtMs - clockToleranceMs || run.ownObjects.has(key)) continue;
    const { bytes } = await store.get(key);
    const lines = Buffer.from(bytes).toString('utf8').split('\n');
    const written = lines.filter((line) => line !== '');
    for (const line of written) {
      const members = JSON.parse(line) as Readonly<Record<string, string>>;
      yield {
        key,
        isAlone: written.length === 1,
        data: Buffer.from(members['rawData'] ?? '', 'base64').toString('utf8'),
        errorCode: members['errorCode'] ?? members['lastErrorCode'] ?? '',
        errorMessage: members['errorMessage'] ?? members['lastErrorMessage'] ?? '',
      };
    }
  }
}

async function errorLineOf(
  run: VerifyRun,
  table: string,
  data: string,
): Promise<FoundLine | undefined> {
  for await (const line of newErrorLines(run, table)) if (line.data === data) return line;
  return undefined;
}

/** Returns the reason why an event of the run is in the error output; undefined where none is. */
async function failureOf(
  run: VerifyRun,
  eventType: EventType,
  events: readonly PostedEvent[],
): Promise<string | undefined> {
  for await (const { data, key, errorCode, errorMessage } of newErrorLines(
    run,
    tableName(eventType),
  ))
    if (events.some(({ key: value, text }) => data.includes(text) || data.includes(value)))
      return `in ${key.split('/').slice(1, 3).join('/')}: ${errorCode} ${errorMessage}`.slice(
        0,
        400,
      );
  return undefined;
}

/** Returns the key of a Parquet file, or of any file delivered as one, that was written since the run began. */
async function newFile(run: VerifyRun, eventType: EventType): Promise<string | undefined> {
  const { store } = run.target;
  const table = tableName(eventType);
  const today = new Set([lakeDate(run.startedAtMs), lakeDate(Date.now())]);
  for (const date of today)
    for await (const { key, modifiedMs } of store.list(rawPrefix(table, date)))
      if (modifiedMs >= run.startedAtMs - clockToleranceMs) return key;
  for await (const { key, modifiedMs } of store.list(`${table}/`))
    if (key.endsWith('.parquet') && modifiedMs >= run.startedAtMs) return key;
  return undefined;
}

/** Returns the prefixes of a table's objects that were written since the run began. */
async function newObjects(run: VerifyRun, eventType: EventType): Promise<string> {
  const table = tableName(eventType);
  const folders = new Map<string, number>();
  for await (const { key, modifiedMs } of run.target.store.list(table)) {
    if (modifiedMs < run.startedAtMs - 1_000) continue;
    const folder = key.slice(0, key.lastIndexOf('/') + 1);
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
  }
  const shown = [...folders].slice(0, 5).map(([folder, count]) => `${count} in ${folder}`);
  return `new objects of the table: ${shown.join(', ') || 'none'}`;
}

const short = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)} …` : text);
