import { pointerStep } from '@sluice/values';
import type { Refuse } from './definition-error';
import { pathText, type Column } from '../schema/columns';
import { isRestricted } from '../schema/restricted';
import type { JsonSchema } from '../schema/json-schema';
import { unmappedColumn } from '../schema/system-columns';

/**
 * Treatments of a value before anything is stored.
 *
 * `hash` stores a keyed hash (the same value gives the same hash, in every event type). `drop` stores nothing. `mask`
 * stores three asterisks, followed by the last four characters of texts with 12 or more. `truncate-ip` stores the
 * address without its last octet (IPv4) or its last 80 bits (IPv6).
 */
export const privacyRules = ['hash', 'drop', 'mask', 'truncate-ip'] as const;
export type PrivacyRule = (typeof privacyRules)[number];

/** Rules of an event type for the people in its events, and for how long its data is kept. */
export interface PrivacyDefinition {
  /** Paths of the values that identify a person, by which an erasure searches. */
  readonly subject?: string | readonly string[];
  /**
   * Rules by path. A path ends at a column, at an object whose members are all covered (`drop` only), inside a column
   * of JSON text (`items.email`), or among the values that the schema does not name (`unmapped`, `unmapped.ssn`).
   */
  readonly privacy?: Readonly<Record<string, PrivacyRule>>;
  /** Days for which rows are kept, counted from the day of arrival. @default forever */
  readonly retentionDays?: number;
  /** Days for which raw files are kept. @default as rows; compacted raw files are deleted earlier */
  readonly rawRetentionDays?: number;
  /** Days for which failed records are kept. @default 7 with `privacy`, else as rows */
  readonly errorRetentionDays?: number;
  /** Suspends all retention limits, such as for a court. @default false */
  readonly legalHold?: boolean;
}

/** Days for which failed records of an event type with `privacy` are kept, unless it says otherwise. */
export const defaultPrivateErrorDays = 7;

const maxRetentionDays = 36_500;

/** Returns the paths that identify a person. */
export const subjectPaths = ({ subject }: Pick<PrivacyDefinition, 'subject'>): readonly string[] =>
  subject === undefined ? [] : typeof subject === 'string' ? [subject] : subject;

/** Decides whether an event type says which values name a person. */
export const hasSubject = (definition: Pick<PrivacyDefinition, 'subject'>): boolean =>
  subjectPaths(definition).length > 0;

/** Decides whether an event type needs keys: of hashes, of sealed records, of the ledger of erased people. */
export const needsPrivacySecrets = (definition: PrivacyDefinition): boolean =>
  isPrivate(definition) || hasSubject(definition);

/** Decides whether originals of an event type must not be stored in clear. */
export const isPrivate = ({ privacy }: Pick<PrivacyDefinition, 'privacy'>): boolean =>
  Object.keys(privacy ?? {}).length > 0;

/** Returns the days for which failed records are kept; undefined for ever. */
export const errorRetentionDays = (definition: PrivacyDefinition): number | undefined =>
  definition.errorRetentionDays ??
  (isPrivate(definition) ? defaultPrivateErrorDays : definition.retentionDays);

/** Returns the rule of a path: its own, or that of an enclosing object. */
export function ruleOfPath(
  { privacy = {} }: Pick<PrivacyDefinition, 'privacy'>,
  path: readonly string[],
): PrivacyRule | undefined {
  for (let length = path.length; length > 0; length--) {
    const text = pathText(path.slice(0, length));
    if (Object.hasOwn(privacy, text)) return privacy[text];
  }
  return undefined;
}

/**
 * Returns a column as it is stored: a hash is a text whatever it was made of, and a value that may be dropped may be
 * null.
 */
export function storedColumn(
  definition: Pick<PrivacyDefinition, 'privacy'>,
  column: Column,
): Column {
  const rule = ruleOfPath(definition, column.path);
  if (rule === undefined) return column;
  if (rule === 'drop' || rule === 'truncate-ip')
    return { ...column, required: false, nullable: true };
  const text = { kind: 'string' } as const;
  const type = column.type.kind === 'array' ? ({ kind: 'array', items: text } as const) : text;
  return { ...column, type };
}

/** Kinds of columns to which a rule can be applied; for an array, the kind of its items counts. */
const ruleKinds: Readonly<Record<PrivacyRule, ReadonlySet<string> | undefined>> = {
  hash: new Set(['string', 'bigint', 'date', 'json']),
  mask: new Set(['string', 'bigint']),
  'truncate-ip': new Set(['string']),
  drop: undefined,
};

const ruleTakes: Readonly<Record<PrivacyRule, string>> = {
  hash: 'texts, integers, dates, arrays of them and JSON text',
  mask: 'texts, integers and arrays of them',
  'truncate-ip': 'texts and arrays of them',
  drop: 'everything',
};

interface CheckedDefinition extends PrivacyDefinition {
  readonly key: string;
  readonly identity?: string;
  readonly time?: string;
  readonly schema: JsonSchema;
}

/** Refuses promises in a definition, to the people in its events, that can't be kept. */
export function checkPrivacy(
  refuse: Refuse,
  definition: CheckedDefinition,
  columns: readonly Column[],
): void {
  checkDays(refuse, definition);
  const { privacy = {}, legalHold }: { privacy?: unknown; legalHold?: unknown } = definition;
  if (legalHold !== undefined && typeof legalHold !== 'boolean')
    refuse('/legalHold', 'must be true or false');
  if (typeof privacy !== 'object' || privacy === null || Array.isArray(privacy))
    return refuse('/privacy', 'must be an object of rules by path');
  for (const [path, rule] of Object.entries(privacy as NonNullable<CheckedDefinition['privacy']>))
    checkRule(refuse, { path, rule, pointer: `/privacy${pointerStep(path)}` }, definition, columns);
  checkSubject(refuse, definition, columns);
  checkAccess(refuse, definition, columns);
}

/** Refuses to restrict a column by which rows are found, distinguished or ordered, because every answer shows it. */
function checkAccess(
  refuse: Refuse,
  definition: CheckedDefinition,
  columns: readonly Column[],
): void {
  for (const role of ['key', 'identity', 'time'] as const) {
    const column = columns.find(({ path }) => pathText(path) === definition[role]);
    if (column && isRestricted(column))
      refuse(
        `/schema/properties${column.path.map(pointerStep).join('/properties')}/access`,
        `"${pathText(column.path)}" is the ${role} of the event type, which every answer shows; ` +
          (role === 'time' ? 'take another time' : 'hash it with "privacy", or take another one'),
      );
  }
}

function checkDays(refuse: Refuse, definition: PrivacyDefinition): void {
  for (const member of ['retentionDays', 'rawRetentionDays', 'errorRetentionDays'] as const) {
    const days = definition[member];
    if (days === undefined) continue;
    if (!Number.isInteger(days) || days < 1 || days > maxRetentionDays)
      refuse(`/${member}`, `must be a whole number of days from 1 to ${maxRetentionDays}`);
  }
}

interface RuleOfPath {
  readonly path: string;
  readonly rule: PrivacyRule;
  readonly pointer: string;
}

function checkRule(
  refuse: Refuse,
  { path, rule, pointer }: RuleOfPath,
  definition: CheckedDefinition,
  columns: readonly Column[],
): void {
  if (!privacyRules.includes(rule))
    refuse(pointer, `${JSON.stringify(rule)} is no rule; use ${privacyRules.join(', ')}`);
  if (path === unmappedColumn.name || path.startsWith(`${unmappedColumn.name}.`)) {
    if (path === unmappedColumn.name && rule !== 'drop')
      refuse(
        pointer,
        '"unmapped" as a whole can only be dropped; name its members: "unmapped.ssn"',
      );
    return;
  }
  const roles = (['key', 'identity', 'time'] as const).filter((role) =>
    isAtOrBelow(definition[role] ?? '', path),
  );
  const [role] = roles;
  if (role !== undefined && (rule !== 'hash' || roles.includes('time')))
    refuse(
      pointer,
      `"${definition[roles.includes('time') ? 'time' : role] ?? ''}" is the ${role} of the event type, ` +
        (roles.includes('time')
          ? 'which has to stay a time'
          : `and "${rule}" would make different ones the same; only "hash" keeps them apart`),
    );
  const own = columns.find((column) => pathText(column.path) === path);
  if (own) {
    const kind = own.type.kind === 'array' ? own.type.items.kind : own.type.kind;
    if (ruleKinds[rule]?.has(kind) === false)
      refuse(pointer, `"${path}" is of type ${kind}, and "${rule}" takes ${ruleTakes[rule]}`);
    return;
  }
  if (columns.some((column) => isAtOrBelow(pathText(column.path), path))) {
    if (rule !== 'drop')
      refuse(pointer, `"${path}" is an object, which can only be dropped; name its members`);
    return;
  }
  const around = columns.find((column) => isAtOrBelow(path, pathText(column.path)));
  if (around?.type.kind === 'json') {
    if (ruleOfPath(definition, around.path) !== undefined)
      refuse(pointer, `"${pathText(around.path)}" around it has a rule already`);
    return;
  }
  refuse(
    pointer,
    `"${path}" is not a path of the schema; it has ${columns.map((column) => pathText(column.path)).join(', ')}, ` +
      'and what it does not name is below "unmapped"',
  );
}

/** Checks the paths of `subject`, if there are any, against the columns of an event or a row. */
export function checkSubject(
  refuse: Refuse,
  definition: Pick<PrivacyDefinition, 'subject' | 'privacy'>,
  columns: readonly Column[],
): void {
  const { subject } = definition;
  if (subject === undefined) return;
  const paths: readonly unknown[] = Array.isArray(subject) ? subject : [subject];
  if (paths.length === 0 || !paths.every((path) => typeof path === 'string'))
    return refuse('/subject', 'must be a path, or an array of paths');
  if (new Set(paths).size < paths.length) refuse('/subject', 'has a path twice');
  for (const path of paths) {
    const column = columns.find((one) => pathText(one.path) === path);
    if (!column)
      return refuse(
        '/subject',
        `"${path}" is not a path of the schema; it has ${columns.map((one) => pathText(one.path)).join(', ')}`,
      );
    if (column.type.kind !== 'string' && column.type.kind !== 'bigint')
      refuse(
        '/subject',
        `"${path}" is of type ${column.type.kind}; a person is named by a text or an integer`,
      );
    const rule = ruleOfPath(definition, column.path);
    if (rule !== undefined && rule !== 'hash')
      refuse(
        '/subject',
        `"${path}" has the rule "${rule}", after which nobody can be found by it; use "hash"`,
      );
  }
}

/** Decides whether a path equals another one, or leads to a member somewhere below it. */
const isAtOrBelow = (path: string, other: string): boolean =>
  path === other || path.startsWith(`${other}.`);
