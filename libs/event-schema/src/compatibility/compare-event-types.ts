import { pathText, schemaColumns, type Column } from '../columns';
import { tableName, type EventType } from '../define-event';
import { glueType } from '../glue';
import { pointerStep } from '../json-schema';
import { columnWidening } from './column-widening';
import { narrowings } from './narrowings';

/** Whom a change hurts. */
export type Audience = 'gateway clients' | 'stored Parquet' | 'look-ups';

export interface Change {
  readonly eventType: string;
  /** JSON pointer into the newer definition, or the older one where the newer has no such place. */
  readonly pointer: string;
  readonly what: string;
  /** What it breaks, and how; none where the change is compatible. */
  readonly breaks: readonly { readonly audience: Audience; readonly how: string }[];
}

/**
 * Compares event types with what they were. A type whose major part rises gets a table of its own, so that nothing of the
 * old one is touched, and whatever else changes is fine.
 */
export function compareEventTypes(
  before: readonly EventType[],
  after: readonly EventType[],
): readonly Change[] {
  const tables = new Map(after.map((eventType) => [eventType.name, eventType]));
  const known = new Set(before.map(({ name }) => name));
  return [
    ...before.flatMap((old) => {
      const now = tables.get(old.name);
      return now ? compareEventType(old, now) : [removedEventType(old)];
    }),
    ...after
      .filter(({ name }) => !known.has(name))
      .map(({ name }) => ({ eventType: name, pointer: '', what: 'new event type', breaks: [] })),
  ];
}

const removedEventType = ({ name }: EventType): Change => ({
  eventType: name,
  pointer: '',
  what: 'event type removed',
  breaks: [
    { audience: 'gateway clients', how: 'posting it gets 404' },
    { audience: 'stored Parquet', how: 'its table is no longer known' },
    { audience: 'look-ups', how: 'looking it up gets 404' },
  ],
});

const versionParts = ({ version }: EventType): readonly number[] => version.split('.').map(Number);

function compareEventType(before: EventType, after: EventType): readonly Change[] {
  const eventType = after.name;
  const [oldMajor = 0, ...oldRest] = versionParts(before);
  const [major = 0, ...rest] = versionParts(after);
  if (major > oldMajor)
    return [
      {
        eventType,
        pointer: '/version',
        what: `new major version ${after.version}: events go to the new table ${tableName(after)}; rows of ${tableName(before)} stay where they are`,
        breaks: [],
      },
    ];
  const changes = [
    ...compareRoles(before, after),
    ...compareColumns(before, after),
    ...narrowings(before.schema, after.schema).map(({ pointer, what }) => ({
      eventType,
      pointer: `/schema${pointer}`,
      what,
      breaks: [{ audience: 'gateway clients' as const, how: 'events that were accepted get 400' }],
    })),
  ];
  const fell = major < oldMajor || (oldRest.join() !== rest.join() && isLower(rest, oldRest));
  if (fell)
    changes.push({
      eventType,
      pointer: '/version',
      what: `version went back from ${before.version} to ${after.version}`,
      breaks: [{ audience: 'stored Parquet', how: 'the table may be that of older rows' }],
    });
  else if (changes.length > 0 && before.version === after.version)
    changes.push({
      eventType,
      pointer: '/version',
      what: `the definition changed and the version is still ${after.version}; raise the minor part`,
      breaks: [],
    });
  return changes;
}

const isLower = (parts: readonly number[], than: readonly number[]): boolean => {
  const index = parts.findIndex((part, at) => part !== than[at]);
  return index >= 0 && (parts[index] ?? 0) < (than[index] ?? 0);
};

function compareRoles(before: EventType, after: EventType): Change[] {
  const changes: Change[] = [];
  const changed = (role: 'key' | 'identity' | 'time', breaks: Change['breaks']): void => {
    if (before[role] === after[role]) return;
    const name = (path: string | undefined): string => (path === undefined ? 'none' : `"${path}"`);
    changes.push({
      eventType: after.name,
      pointer: `/${role}`,
      what: `${role} changed from ${name(before[role])} to ${name(after[role])}`,
      breaks,
    });
  };
  changed('key', [
    { audience: 'look-ups', how: 'ids that clients hold no longer find their rows' },
    { audience: 'stored Parquet', how: 'compacted files are sorted by the old key' },
  ]);
  changed('identity', [
    {
      audience: 'stored Parquet',
      how: 'an event that is delivered again after the change becomes a second row',
    },
  ]);
  changed('time', []);
  return changes;
}

const pointerOf = ({ path }: Column): string =>
  '/schema' + path.map((step) => `/properties${pointerStep(step)}`).join('');

function compareColumns(before: EventType, after: EventType): readonly Change[] {
  const eventType = after.name;
  const old = schemaColumns(before.schema);
  const now = schemaColumns(after.schema);
  const nowByPath = new Map(now.map((column) => [JSON.stringify(column.path), column]));
  const oldPaths = new Set(old.map(({ path }) => JSON.stringify(path)));
  const added = now.filter(({ path }) => !oldPaths.has(JSON.stringify(path)));
  return [
    ...old.flatMap((column) => {
      const same = nowByPath.get(JSON.stringify(column.path));
      return same
        ? compareColumn(eventType, column, same)
        : [removedColumn(eventType, column, added)];
    }),
    ...added.map((column) => addedColumn(eventType, column)),
  ];
}

function removedColumn(eventType: string, column: Column, added: readonly Column[]): Change {
  const sameColumn = added.find(({ name }) => name === column.name);
  const lookAlike = added.find(
    ({ name, type }) => name !== column.name && glueType(type) === glueType(column.type),
  );
  const ignored = {
    audience: 'gateway clients',
    how: 'what they send under the old name goes to "unmapped"',
  } as const;
  if (sameColumn)
    return {
      eventType,
      pointer: pointerOf(sameColumn),
      what: `"${pathText(column.path)}" renamed to "${pathText(sameColumn.path)}" (column ${column.name})`,
      breaks: [ignored],
    };
  return {
    eventType,
    pointer: pointerOf(column),
    what:
      `"${pathText(column.path)}" removed` +
      (lookAlike ? ` (renamed to "${pathText(lookAlike.path)}"?)` : ''),
    breaks: [
      ignored,
      { audience: 'stored Parquet', how: `the values in column ${column.name} are no longer read` },
      { audience: 'look-ups', how: `rows no longer have ${column.name}` },
    ],
  };
}

const addedColumn = (eventType: string, column: Column): Change => ({
  eventType,
  pointer: pointerOf(column),
  what: `"${pathText(column.path)}" added, ${column.required ? 'required' : 'optional'}`,
  breaks: [],
});

function compareColumn(eventType: string, before: Column, after: Column): readonly Change[] {
  const pointer = pointerOf(after);
  const path = pathText(after.path);
  const changes: Change[] = [];
  const widening = columnWidening(before.type, after.type);
  if (widening !== 'same')
    changes.push({
      eventType,
      pointer,
      what:
        `"${path}" changed from ${typeText(before)} to ${typeText(after)}` +
        (widening === 'wider' && typeText(before) !== typeText(after) ? athenaNote : ''),
      breaks:
        widening === 'wider'
          ? []
          : [
              {
                audience: 'stored Parquet',
                how: `old files hold ${typeText(before)} in column ${after.name}, which can't be read as ${typeText(after)}`,
              },
              { audience: 'look-ups', how: `${after.name} comes in another type` },
            ],
    });
  return changes;
}

/** Athena reads int as bigint and float as double, and no other widening (user guide: updates-changing-column-type). */
const athenaNote =
  '; look-ups and compaction read older files as the wider type, Athena reads only files written since';

const typeText = ({ type }: Column): string =>
  type.kind === 'json' ? 'JSON text' : glueType(type);
