import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { columnName, eventColumns, pathText, shippedEventTypes } from '@sluice/event-schema';

const root = join(__dirname, '../../..');
const searched = ['apps', 'libs', 'tools'];
const definitions = 'libs/event-schema/src/events/';
const sourceFile = /\.(?:ts|tsx|js|cjs|mjs|json|vtl|sql|html|ya?ml)$/;
/** A test may say what it expects of an event type. */
const testFile = /\.spec\.ts$|\/testing\/|\/fixtures\//;

/** Member names that are words of the code as well, so that finding them tells nothing. */
const commonWords: ReadonlySet<string> = new Set([
  'eventType', // of which event type
  'eventName', // its name
  'eventId', // the column event_id
  'sessionId', // of browsers and consoles
  'user.id', // of nearly every example
]);

/** The names that can only come from an event type: of several words, or of a nested column. */
const tellingNames = (): ReadonlyMap<string, string> => {
  const names = new Map<string, string>();
  for (const eventType of shippedEventTypes)
    for (const { path } of eventColumns(eventType)) {
      for (const member of path) if (/[a-z][A-Z]/.test(member)) names.set(member, eventType.name);
      if (path.length > 1)
        for (const text of [pathText(path), columnName(path)]) names.set(text, eventType.name);
    }
  for (const word of commonWords) names.delete(word);
  return names;
};

const sources = (): readonly string[] =>
  searched.flatMap((folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[])
      .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
      .filter(
        (file) =>
          sourceFile.test(file) &&
          !testFile.test(file) &&
          !file.startsWith(definitions) &&
          !/(?:^|\/)(?:node_modules|dist)\//.test(file),
      ),
  );

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

test('no column or path of a shipped event type stands outside its definition', () => {
  const names = tellingNames();
  expect(names.size).toBeGreaterThan(40);
  const pattern = new RegExp(
    `(?<![\\w.$-])(?:${[...names.keys()].map(escaped).join('|')})(?![\\w$])`,
    'g',
  );
  const found = sources().flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        Array.from(
          line.matchAll(pattern),
          ([name]) => `${file}:${index + 1} ${name} (${names.get(name)})`,
        ),
      ),
  );
  expect(found).toEqual([]);
});
