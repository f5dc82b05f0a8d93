import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AskedTypes } from '../type-option';
import { eventTypeOfFile, type EventTypeOfFile } from './event-type-of-file';

const folder = mkdtempSync(join(tmpdir(), 'sluice-event-type-'));
afterAll(() => rmSync(folder, { recursive: true }));

let definitions: string;
let count = 0;
beforeEach(() => {
  definitions = join(folder, `definitions-${++count}`);
});

const file = join(folder, 'two.ndjson');
writeFileSync(file, '{"id":"1","a":1}\n{"id":"2","a":2}\n');

const typeOf = (name: string, isNew = false, types: AskedTypes = {}): Promise<EventTypeOfFile> =>
  eventTypeOfFile({
    file,
    name,
    key: 'id',
    identity: 'id',
    types,
    identityFromLine: false,
    definitions,
    isNew,
    checkStored: () => Promise.resolve(),
    onBytesRead: () => undefined,
  });

const written = (): readonly string[] =>
  existsSync(definitions) ? readdirSync(definitions).filter((name) => name.endsWith('.json')) : [];

test('an event type is inferred and written once', async () => {
  expect((await typeOf('foo')).report).toContain('foo: 2 columns from 2 events of ');
  expect(written()).toEqual(['foo.event.json']);
  expect((await typeOf('foo')).report).toBeUndefined();
});

test.each([
  ['players', /reference table "players"/],
  ['match_event_players', /join "match_event_players"/],
  ['match_event_latest', /"match_event"/],
  ['reference', /folder that the lake has already/],
  ['Order', /a name matches/],
  ['matches', 'there is a reference table "matches" already; give the event type another name'],
])('the name %s is looked at before anything is written', async (name, refusal) => {
  await expect(typeOf(name)).rejects.toThrow(refusal);
  expect(written()).toEqual([]);
});

test('a type can be asked for while it is inferred, and not afterwards', async () => {
  const types = { a: 'double' } as const;
  expect((await typeOf('foo', false, types)).eventType.schema.properties?.['a']).toEqual({
    type: 'number',
  });
  await expect(typeOf('foo', false, types)).rejects.toThrow('so --type has no effect');
});

test('the views of an inferred event type have names too', async () => {
  await typeOf('foo');
  await expect(typeOf('foo_raw')).rejects.toThrow(/"foo_raw" is also that of the event type "foo"/);
  expect(written()).toEqual(['foo.event.json']);
});

test('a name that looks like another is asked about, and can be meant', async () => {
  await expect(typeOf('match_events')).rejects.toThrow(
    'there is no event type "match_events"; did you mean "match_event"? For a new one of that name, add --new',
  );
  await expect(typeOf('match-event', true)).rejects.toThrow(/did you mean "match_event"\?$/);
  expect(written()).toEqual([]);
  expect((await typeOf('match_events', true)).eventType.name).toBe('match_events');
});

test('a broken definition of that name is named, and not written over', async () => {
  await typeOf('foo');
  const broken = join(definitions, 'foo.event.json');
  writeFileSync(broken, '{"name":"foo"');
  await expect(typeOf('foo')).rejects.toThrow(/foo\.event\.json: it is not JSON .*fix the file/);
});

test('what does not go with stored rows is not written', async () => {
  await expect(
    eventTypeOfFile({
      file,
      name: 'foo',
      key: undefined,
      identity: undefined,
      identityFromLine: false,
      definitions,
      isNew: false,
      checkStored: () => Promise.reject(new Error('stored')),
      onBytesRead: () => undefined,
    }),
  ).rejects.toThrow('stored');
  expect(written()).toEqual([]);
});

test('the report fits a screen, and says what was chosen and where the rest is', async () => {
  const wide = join(folder, 'wide.ndjson');
  const fields = Array.from({ length: 300 }, (_, at) => [`a_rather_long_name_${at}`, at]);
  writeFileSync(
    wide,
    JSON.stringify({ id: 'x', at: '2026-01-31T12:00:00Z', ...Object.fromEntries(fields) }),
  );
  const { report = '' } = await eventTypeOfFile({
    file: wide,
    name: 'wide',
    key: 'id',
    identity: undefined,
    identityFromLine: false,
    definitions,
    isNew: false,
    checkStored: () => Promise.resolve(),
    onBytesRead: () => undefined,
  });
  const lines = report.split('\n');
  expect(lines.length).toBeLessThanOrEqual(22);
  // A path is not broken.
  expect(lines.filter((line) => line.length > 80 && !line.includes(folder))).toEqual([]);
  expect(report).toMatch(
    / {2}key +id .*\n {2}identity +none: .* --identity FIELD\n +or --identity-from-line .*\n {2}time +at\n/,
  );
  expect(report).toContain(join(definitions, 'wide.event.json'));
  expect(readFileSync(join(definitions, 'wide.report.txt'), 'utf8')).toContain(
    'a_rather_long_name_299',
  );
});

test('an identity is made of each line where that is asked for', async () => {
  const { eventType } = await eventTypeOfFile({
    file,
    name: 'foo',
    key: 'id',
    identity: undefined,
    identityFromLine: true,
    definitions,
    isNew: false,
    checkStored: () => Promise.resolve(),
    onBytesRead: () => undefined,
  });
  expect(eventType).toMatchObject({ key: 'id', identity: 'ingest_line_id' });
});

test('a field that changes its type is named where the file is taken, not only counted', async () => {
  const changing = join(folder, 'changing.ndjson');
  writeFileSync(changing, '{"id":"a","cup":1}\n{"id":"b","cup":"C2"}\n');
  const { report = '' } = await eventTypeOfFile({
    file: changing,
    name: 'changing',
    key: 'id',
    identity: undefined,
    identityFromLine: false,
    definitions,
    isNew: false,
    checkStored: () => Promise.resolve(),
    onBytesRead: () => undefined,
  });
  expect(report.replace(/\s+/g, ' ')).toMatch(
    / warning cup: mixed types .* kept as JSON text, where a text has quotes/,
  );
});
