import { schemaColumns, type Column } from '../schema/columns';
import { tableName, type EventType } from '../definitions/define-event';
import { compareByName, compareRole, type Change, type ChangeWithin } from './change';
import { storedColumn } from '../definitions/privacy';
import { comparePrivacy } from './compare-privacy';
import { compareColumns, schemaColumnsOf, type ColumnConsequences } from './compare-columns';
import { narrowings } from './narrowings';

/**
 * Compares event types with their earlier versions. A type whose major version increases gets a new table, so that
 * the old one is not affected and every other change is compatible.
 */
export const compareEventTypes = (
  before: readonly EventType[],
  after: readonly EventType[],
): readonly Change[] =>
  compareByName({
    kind: 'event type',
    before,
    after,
    compare: compareEventType,
    removalBreaks: [
      { audience: 'gateway clients', how: 'posting it gets 404' },
      { audience: 'stored Parquet', how: 'its table is no longer known' },
      { audience: 'look-ups', how: 'looking it up gets 404' },
    ],
  });

const storedColumns = (eventType: EventType): readonly Column[] =>
  schemaColumns(eventType.schema).map((column) => storedColumn(eventType, column));

const versionParts = ({ version }: EventType): readonly number[] => version.split('.').map(Number);

function compareEventType(before: EventType, after: EventType): readonly ChangeWithin[] {
  const [oldMajor = 0, ...oldRest] = versionParts(before);
  const [major = 0, ...rest] = versionParts(after);
  if (major > oldMajor)
    return [
      {
        pointer: '/version',
        what: `new major version ${after.version}: events go to the new table ${tableName(after)}; rows of ${tableName(before)} stay where they are`,
        breaks: [],
      },
    ];
  const changes: ChangeWithin[] = [
    ...compareRoles(before, after),
    ...compareColumns({
      before: schemaColumnsOf(storedColumns(before)),
      after: schemaColumnsOf(storedColumns(after)),
      consequences,
    }),
    ...comparePrivacy(before, after),
    ...narrowings(before.schema, after.schema).map(({ pointer, what }) => ({
      pointer: `/schema${pointer}`,
      what,
      breaks: [{ audience: 'gateway clients' as const, how: 'events that were accepted get 400' }],
    })),
  ];
  const fell = major < oldMajor || (oldRest.join() !== rest.join() && isLower(rest, oldRest));
  if (fell)
    changes.push({
      pointer: '/version',
      what: `version went back from ${before.version} to ${after.version}`,
      breaks: [{ audience: 'stored Parquet', how: 'the table may be that of older rows' }],
    });
  else if (changes.length > 0 && before.version === after.version)
    changes.push({
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

const compareRoles = (before: EventType, after: EventType): readonly ChangeWithin[] => [
  ...compareRole(
    'key',
    [before.key, after.key],
    [
      { audience: 'look-ups', how: 'ids that clients hold no longer find their rows' },
      { audience: 'stored Parquet', how: 'compacted files are sorted by the old key' },
    ],
  ),
  ...compareRole(
    'identity',
    [before.identity, after.identity],
    [
      {
        audience: 'stored Parquet',
        how: 'an event that is delivered again after the change becomes a second row',
      },
    ],
  ),
  ...compareRole('time', [before.time, after.time], []),
  ...compareIndexes(before, after),
];

const compareIndexes = (before: EventType, after: EventType): readonly ChangeWithin[] => {
  const [old, now] = [before.indexes ?? [], after.indexes ?? []];
  return [
    ...old
      .filter((path) => !now.includes(path))
      .map((path) => ({
        pointer: '/indexes',
        what: `index "${path}" removed`,
        breaks: [{ audience: 'look-ups' as const, how: `asking by "${path}" gets 400` }],
      })),
    ...now.flatMap((path, at) =>
      old.includes(path)
        ? []
        : [
            {
              pointer: `/indexes/${at}`,
              what: `new index "${path}"; days that are sealed get it by "npm run lake -- reindex"`,
              breaks: [],
            },
          ],
    ),
  ];
};

const ignored = {
  audience: 'gateway clients',
  how: 'what they send under the old name goes to "unmapped"',
} as const;

const consequences: ColumnConsequences = {
  relabelled: () => [ignored],
  removed: ({ name }) => [
    ignored,
    { audience: 'stored Parquet', how: `the values in column ${name} are no longer read` },
    { audience: 'look-ups', how: `rows no longer have ${name}` },
  ],
  moved: ({ name }) => [
    { audience: 'stored Parquet', how: `the values in column ${name} are no longer read` },
    { audience: 'look-ups', how: `rows no longer have ${name}` },
  ],
  retyped: ({ name, from, to }) => [
    {
      audience: 'stored Parquet',
      how: `old files hold ${from} in column ${name}, which can't be read as ${to}`,
    },
    { audience: 'look-ups', how: `${name} comes in another type` },
  ],
  widened: ({ name, from, to }) => [
    {
      audience: 'queries',
      how: `column ${name} of the open table can't become ${to} where it was ${from}, so SQL would show no row that comes after the change`,
    },
  ],
  widerNote: '',
};
