import { pointerStep } from '@sluice/values';
import type { EventType } from '../definitions/define-event';
import {
  errorRetentionDays,
  subjectPaths,
  type PrivacyDefinition,
  type PrivacyRule,
} from '../definitions/privacy';
import { schemaColumns, pathText } from '../schema/columns';
import { isRestricted } from '../schema/restricted';
import type { Breakage, ChangeWithin } from './change';

/** Compares the promises of event types to the people in their events: rules, subjects, access and retention. */
export const comparePrivacy = (before: EventType, after: EventType): readonly ChangeWithin[] => [
  ...compareRules(before.privacy ?? {}, after.privacy ?? {}),
  ...compareSubjects(before, after),
  ...compareAccess(before, after),
  ...compareDays(before, after),
];

function compareRules(
  before: Readonly<Record<string, PrivacyRule>>,
  after: Readonly<Record<string, PrivacyRule>>,
): readonly ChangeWithin[] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return paths.flatMap((path) => {
    const [old, now] = [before[path], after[path]];
    if (old === now) return [];
    const name = (rule: PrivacyRule | undefined): string => rule ?? 'none';
    return [
      {
        pointer: `/privacy${pointerStep(path)}`,
        what: `the rule of "${path}" changed from ${name(old)} to ${name(now)}; rows that are stored stay as they are`,
        breaks: now === undefined ? [inClear(path)] : [otherValues(path, now)],
      },
    ];
  });
}

const inClear = (path: string): Breakage => ({
  audience: 'people in the events',
  how: `"${path}" is stored in clear from now on`,
});

const otherValues = (path: string, rule: PrivacyRule): Breakage =>
  rule === 'drop'
    ? { audience: 'look-ups', how: `new rows have no "${path}"` }
    : {
        audience: 'look-ups',
        how: `new rows have another "${path}" (${rule}) than old ones, which no filter or join takes for the same`,
      };

/** Compares the values by which people are found in the rows of event types or of reference tables. */
export function compareSubjects(
  before: Pick<PrivacyDefinition, 'subject'>,
  after: Pick<PrivacyDefinition, 'subject'>,
): readonly ChangeWithin[] {
  const [old, now] = [subjectPaths(before), subjectPaths(after)];
  const lost = old.filter((path) => !now.includes(path));
  const gained = now.filter((path) => !old.includes(path));
  if (lost.length + gained.length === 0) return [];
  const list = (paths: readonly string[]): string =>
    paths.length === 0 ? 'none' : paths.map((path) => `"${path}"`).join(', ');
  return [
    {
      pointer: '/subject',
      what: `subject changed from ${list(old)} to ${list(now)}`,
      breaks: lost.map((path) => ({
        audience: 'people in the events' as const,
        how: `an erasure no longer finds people by "${path}"`,
      })),
    },
  ];
}

function compareAccess(before: EventType, after: EventType): readonly ChangeWithin[] {
  const old = new Map(
    schemaColumns(before.schema).map((column) => [pathText(column.path), isRestricted(column)]),
  );
  return schemaColumns(after.schema).flatMap((column) => {
    const { path } = column;
    const label = pathText(path);
    const isNow = isRestricted(column);
    if (!old.has(label) || old.get(label) === isNow) return [];
    return [
      {
        pointer: `/schema/properties${path.map(pointerStep).join('/properties')}${column.schema.access === undefined ? '' : '/access'}`,
        what: `"${label}" is ${isNow ? 'restricted now' : 'no longer restricted'}`,
        breaks: [
          isNow
            ? {
                audience: 'look-ups' as const,
                how: `API keys without the scope no longer get "${label}" nor "unmapped", and run no query that reads it`,
              }
            : {
                audience: 'people in the events' as const,
                how: `every API key sees "${label}"`,
              },
        ],
      },
    ];
  });
}

function compareDays(before: EventType, after: EventType): readonly ChangeWithin[] {
  const kept: readonly (readonly [
    member: 'retentionDays' | 'rawRetentionDays' | 'errorRetentionDays',
    what: string,
    daysOf: (definition: PrivacyDefinition) => number | undefined,
  ])[] = [
    ['retentionDays', 'rows', ({ retentionDays }) => retentionDays],
    ['rawRetentionDays', 'raw files', (one) => one.rawRetentionDays ?? one.retentionDays],
    ['errorRetentionDays', 'failed records', errorRetentionDays],
  ];
  return kept.flatMap(([member, what, daysOf]) => {
    const [old, now] = [daysOf(before), daysOf(after)];
    if (old === now) return [];
    const days = (count: number | undefined): string =>
      count === undefined ? 'for ever' : `for ${count} days`;
    const isShorter = (now ?? Infinity) < (old ?? Infinity);
    return [
      {
        pointer: after[member] === undefined ? '' : `/${member}`,
        what: `${what} are kept ${days(now)} instead of ${days(old)}`,
        breaks: isShorter
          ? [{ audience: 'stored Parquet' as const, how: `${what} that are older are deleted` }]
          : [],
      },
    ];
  });
}
