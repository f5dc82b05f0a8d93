import { defineEvent } from '@sluice/event-schema';
import { MemoryObjectStore } from '@sluice/lake-layout';
import { FailureNotices } from './failure-notices';
import { failureText } from './failure-text';

const eventType = defineEvent({
  name: 'reading',
  version: '1.0.0',
  key: 'sensor',
  schema: {
    type: 'object',
    required: ['sensor'],
    properties: { sensor: { type: 'string' }, value: { type: 'integer' } },
  },
});

const reason = (index: number) => ({
  code: 'type',
  pointer: `/a/quite/long/path/of/a/value/${index}`,
  detail: 'a number with a fraction where the schema wants an integer',
  records: 20 - index,
});

test('a failure is told with counts, first reasons, where the originals are and what to do, within 80 columns', () => {
  const reasons = Array.from({ length: 8 }, (_, index) => reason(index));
  const text = failureText(
    { eventType, events: 132, reasons },
    { dataDir: 'other/data', definition: 'other/data/event-types/reading.event.json' },
  );
  expect(text).toMatch(/^132 events of reading failed/);
  expect(text).toContain('    20  type at /a/quite/long/path/of/a/value/0: a number');
  expect(text).toContain('  and 42 events for other reasons');
  expect(text.replaceAll(/ \\\n +/g, ' ')).toContain(
    '\n  npm run lake -- replay --event reading --data-dir other/data --dry-run\n',
  );
  expect(text).toContain('other/data/event-types/reading.event.json');
  expect(text.replaceAll(/\s+/g, ' ')).toContain('a column with stored rows keeps its type');
  expect(text).toMatch(/--transform FILE \(--help/);
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('of rows that only the conversion refused it says that the table is at fault', () => {
  const code = 'DataFormatConversion.MalformedData';
  const text = failureText(
    { eventType, events: 1, reasons: [{ ...reason(0), code, pointer: undefined }] },
    { dataDir: '.sluice', definition: 'reading.event.json' },
  );
  expect(text).toContain('docs/runbooks/conversion-failing.md');
  expect(text).not.toContain('Loosen');
});

test('the data directory is named only where the command would not find it by itself', () => {
  const failed = { eventType, events: 1, reasons: [reason(0)] };
  const commandFor = (dataDir: string) =>
    failureText(failed, { dataDir, definition: undefined }).replaceAll(/ \\\n +/g, ' ');
  expect(commandFor('.sluice')).toContain('npm run lake -- replay --event reading --dry-run\n');
  expect(commandFor('/tmp/other')).toContain('--event reading --data-dir /tmp/other --dry-run\n');
});

describe('notices of failures', () => {
  const key = 'reading/errors/processing-failed/dt=2026-01-01/a';
  const line = (data: string): string =>
    `${JSON.stringify({ arrivalTimestamp: 1, errorCode: 'x', errorMessage: 'y', rawData: Buffer.from(data).toString('base64') })}\n`;

  test('show each new reason at once, and what repeats as a count now and then', async () => {
    const store = new MemoryObjectStore();
    let text = '';
    let nowMs = 0;
    const notices = new FailureNotices({
      store: Promise.resolve(store),
      write: (more) => (text += more),
      textOptions: () => ({ dataDir: '.sluice', definition: undefined }),
      now: () => nowMs,
    });
    const told = async (...bodies: readonly string[]): Promise<string> => {
      text = '';
      await store.put(key, Buffer.from(bodies.map(line).join('')));
      await notices.report(eventType, [key]);
      return text;
    };
    expect(await told('{"sensor":1}')).toMatch(
      /1 event of reading failed[^]*1 {2}type at \/sensor/,
    );
    nowMs = 5_000;
    expect(await told('{"sensor":2}', '{"sensor":3}')).toBe('');
    nowMs = 6_000;
    expect(await told('{"sensor":2}', '{}')).toMatch(/2 events[^]*required at \/sensor/);
    nowMs = 40_000;
    expect(await told('{}')).toBe('3 more of reading failed for the same reasons.\n');
  });
});
