import { pointerStep } from '@sluice/values';
import { refuser, type DefinitionKind, type Refuse } from './definition-error';

/**
 * Matches names that Glue, Kinesis and SQL all accept without quotes, because a definition's name is also that of a
 * table, a view, a stream and a path segment.
 */
const namePattern = /^[a-z][a-z0-9_]*$/;
const maxNameLength = 64;

/** Decides whether an event type, a reference table, a join or a query may have this name. */
export const isDefinitionName = (name: string): boolean =>
  namePattern.test(name) && name.length <= maxNameLength;

/**
 * Begins the check of a definition: it has no unknown members, its texts are texts, and its name is valid.
 *
 * @param texts members that must be texts; optional ones only if they are present
 * @returns a function that refuses a fault in the rest of the definition.
 * @throws {@link DefinitionError}
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
  // The only name of a property of every object that the pattern accepts. A stack's parts are members of a plain
  // object.
  if (name === 'constructor')
    refuse('/name', 'the CDK can call no part of a stack "constructor"; choose another name');
}

/** Decides whether a value is an object with members, rather than null, an array or a scalar. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Refuses members that definitions of this kind don't have, because a typo would silently have no effect. */
function checkMembers(refuse: Refuse, definition: object, members: ReadonlySet<string>): void {
  for (const member of Object.keys(definition))
    if (!members.has(member))
      refuse(pointerStep(member), `unknown member; a definition has ${[...members].join(', ')}`);
}

/** Checks members that must be texts. @param optional members that may be absent */
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
