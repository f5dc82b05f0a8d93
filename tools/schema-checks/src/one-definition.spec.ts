import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { columnName, eventColumns, pathText } from '@sluice/event-schema';
import { shippedEventTypes } from '@sluice/event-types';

const root = join(__dirname, '../../..');
const searched = ['apps', 'libs', 'tools'];
/** Matches the files that define event types, reference tables, joins and queries, whose names overlap. */
const definitions = /^libs\/event-types\/src\/(?:events|references|joins|queries)\//;
const sourceFile = /\.(?:ts|tsx|js|cjs|mjs|json|vtl|sql|html|ya?ml)$/;
/** Matches files of tests, which may contain what they expect of an event type. */
const testFile = /\.spec\.ts$|\/testing\/|\/fixtures\//;

/** Event types whose subjects are so different from Sluice's own that a single member name proves their use. */
const farFromOurs: ReadonlySet<string> = new Set(['match_event', 'product_event', 'contract']);
/** Member names of these event types that are also common in the code, so that finding them proves nothing. */
const commonWords: ReadonlySet<string> = new Set([
  'eventType', // of which event type
  'eventName', // its name
  'eventId', // the column event_id
  'sessionId', // of browsers and consoles
  'occurredAt', // when it happened
]);
/** Length from which a nested path can't be a coincidence, as `user.id` may be. */
const tellingPathLength = 12;

/** Returns the names that can only come from an event type. */
const tellingNames = (): ReadonlyMap<string, string> => {
  const names = new Map<string, string>();
  for (const eventType of shippedEventTypes)
    for (const { path } of eventColumns(eventType)) {
      const { name } = eventType;
      for (const text of [pathText(path), columnName(path)])
        if (path.length > 1 && text.length >= tellingPathLength) names.set(text, name);
      for (const member of farFromOurs.has(name) ? path : [])
        if (/[a-z][A-Z]/.test(member) && !commonWords.has(member)) names.set(member, name);
    }
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
          !definitions.test(file) &&
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
