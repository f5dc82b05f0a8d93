import { refuser, type DefinitionKind, type Refuse } from './definition-error';
import { pointerStep } from '../schema/json-schema';

/** Names a table, a view, a stream and a path segment as well: what Glue, Kinesis and SQL all take unquoted. */
export const namePattern = /^[a-z][a-z0-9_]*$/;
const maxNameLength = 64;

/** Whether an event type, a reference table, a join or a query can be called so. */
export const isDefinitionName = (name: string): boolean =>
  namePattern.test(name) && name.length <= maxNameLength;

/**
 * Begins the check of a definition: it has no other members than these, its texts are texts, and its name can be one.
 *
 * @param texts members that must be texts; of the optional ones, if they are there
 * @returns what refuses the rest of it. @throws {@link DefinitionError}
 */
export function checkDefinition(
  kind: DefinitionKind,
  definition: object,
  {
    members,
    texts,
    optionalTexts,
  }: {
    readonly members: ReadonlySet<string>;
    readonly texts: readonly string[];
    readonly optionalTexts: readonly string[];
  },
): Refuse {
  if (!isRecord(definition)) return refuser(kind, '')('', 'a definition is an object with a name');
  const name = String(definition['name']);
  const refuse = refuser(kind, name);
  checkMembers(refuse, definition, members);
  checkTexts(refuse, definition, texts, optionalTexts);
  checkName(refuse, name);
  return refuse;
}

function checkName(refuse: Refuse, name: string): void {
  if (!isDefinitionName(name))
    refuse(
      '/name',
      `a name matches ${namePattern.source} and has at most ${maxNameLength} characters`,
    );
  // Of the names that every object has, the one that the pattern lets through: a stack's parts are members of a plain object.
  if (name === 'constructor')
    refuse('/name', 'the CDK can call no part of a stack "constructor"; choose another name');
}

/** An object of members by name, as opposed to null, an array or a scalar. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Refuses a member that definitions of this kind don't have: a typo would be a silent no-op. */
function checkMembers(refuse: Refuse, definition: object, members: ReadonlySet<string>): void {
  for (const member of Object.keys(definition))
    if (!members.has(member))
      refuse(pointerStep(member), `unknown member; a definition has ${[...members].join(', ')}`);
}

/** @param optional members that may be absent */
function checkTexts(
  refuse: Refuse,
  definition: object,
  required: readonly string[],
  optional: readonly string[],
): void {
  const values = definition as Readonly<Record<string, unknown>>;
  for (const member of [...required, ...optional]) {
    const value = values[member];
    if (typeof value !== 'string' && !(value === undefined && optional.includes(member)))
      refuse(`/${member}`, value === undefined ? 'is missing' : 'must be a text');
  }
}
