import { ObjectNotFoundError, type ObjectInfo } from '@sluice/lake-layout';
import { DayFilesReader } from './day-files';

const today = '2026-11-20';
const nowMs = Date.parse(`${today}T23:59:00Z`);

/** Returns a store of raw files alone, and the prefixes that it was asked to list since they were last taken. */
function storeOf(files: ObjectInfo[]) {
  const listed: string[] = [];
  return {
    store: {
      async *list(prefix: string) {
        await Promise.resolve();
        listed.push(prefix);
        yield* files.filter(({ key }) => key.startsWith(prefix));
      },
      get: (key: string) => Promise.reject(new ObjectNotFoundError(key)),
    },
    takeListed: () => listed.splice(0).map((prefix) => prefix.replace(/^.*\/dt=[^/]*\//, '')),
  };
}

const rawFile = (index: number): ObjectInfo => ({
  key: `visit/raw/dt=${today}/hour=${String(index % 24).padStart(2, '0')}/file-${index}.parquet`,
  bytes: 1,
  etag: `"${index}"`,
  modifiedMs: nowMs,
});

const inParts = ['hour=0', 'hour=1', 'hour=2'];
const whole = [''];

it.each([
  { count: 0, expected: whole },
  { count: 799, expected: whole },
  { count: 800, expected: inParts },
  { count: 2_500, expected: inParts },
])(
  'lists a running day that had $count raw files as $expected.length list(s)',
  async ({ count, expected }) => {
    const files = Array.from({ length: count }, (_, index) => rawFile(index));
    const { store, takeListed } = storeOf(files);
    const reader = new DayFilesReader(() => nowMs);
    expect((await reader.read(store, 'visit', today)).raw).toHaveLength(count);
    // Nothing is known yet: pages of one list would follow one after the other.
    expect(takeListed()).toEqual(inParts);
    files.push(rawFile(count));
    expect((await reader.read(store, 'visit', today)).raw).toHaveLength(count + 1);
    expect(takeListed()).toEqual(expected);
  },
);
