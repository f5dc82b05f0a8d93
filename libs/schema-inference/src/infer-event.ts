import {
  eventIdColumn,
  columnName,
  defineEvent,
  type EventDefinition,
  glueType,
  pathText,
  schemaColumns,
} from '@sluice/event-schema';
import { proposeType, type AskableType, type TypeProposal } from './asked-type';
import { chooseColumns, schemaOf, type ChosenField, type Choice } from './choose-columns';
import { EventObserver } from './event-observer';
import { InferenceError } from './inference-error';
import type { InferenceReport } from './inference-report';
import type { ObservedField } from './observed-field';
import { proposePrivacy } from './propose-privacy';
import { columnKind, proposeIndexes, proposeKeys, proposeTimes } from './propose-fields';

export interface InferenceOptions {
  /** Name of the event type: `[a-z][a-z0-9_]*`. */
  readonly name: string;
  readonly description?: string;
  /** Path of the key, joined by `.`. Without it the best candidate is chosen, or `event_id` where there is none. */
  readonly key?: string;
  /** Path of the identity. Without it, the position in the stream distinguishes events. */
  readonly identity?: string;
  /**
   * Types that fields are asked to have, by their paths, joined by `.`. An event with another value there will fail;
   * without it, a field of mixed types is kept as JSON text, so that none does.
   */
  readonly types?: Readonly<Record<string, AskableType>>;
  /** Largest number of columns, system columns not counted; values of further fields stay in `unmapped`. */
  readonly maxColumns?: number;
  /**
   * False for the rows of a table without system columns (a reference table), whose fields may have their names. Only
   * the schema of the resulting definition is of use then.
   *
   * @default true
   */
  readonly systemColumns?: boolean;
}

export interface InferredEvent {
  readonly definition: EventDefinition;
  readonly report: InferenceReport;
}

export interface Inference {
  /**
   * Adds one event as JSON text, so that its numbers are seen exactly as they are written. A text that is not a JSON
   * object is counted and otherwise ignored.
   *
   * @param line of the text in its file, for messages; by default texts are counted from 1
   * @returns whether the text is an event
   */
  addText(text: string, line?: number): boolean;
  /** Adds one event as a value. Prefer {@link addText}, because a parsed number has lost its spelling. */
  add(value: unknown, line?: number): boolean;
  /**
   * Returns the definition with the reasons for each choice.
   *
   * @throws {@link InferenceError} where there are no events, or what was asked for does not fit them
   */
  finish(): InferredEvent;
}

const defaultMaxColumns = 1_000;
/** Largest number of candidate paths that a message names. */
const maxPathsNamed = 20;
/** Largest number of skipped texts that a report names. */
const maxSkippedNamed = 10;
/** Number of events from which on a text field with at most `maxExamples` values is reported as a possible enum. */
const minEnumEvents = 50;

/**
 * Infers an event type from a stream of events, each a JSON text or a value, in bounded memory.
 *
 * @example
 * import { inferEvent, renderInferenceReport } from '@sluice/schema-inference';
 * const { definition, report } = await inferEvent(['{"id":"order-17","amount":3}'], { name: 'order' });
 * console.log(definition.schema, renderInferenceReport(report));
 */
export async function inferEvent(
  samples: AsyncIterable<unknown> | Iterable<unknown>,
  options: InferenceOptions,
): Promise<InferredEvent> {
  const inference = createInference(options);
  for await (const sample of samples)
    if (typeof sample === 'string') inference.addText(sample);
    else inference.add(sample);
  return inference.finish();
}

/** Starts an inference that takes events one by one. */
export function createInference({
  name,
  description,
  key,
  identity: givenIdentity,
  types: askedTypes = {},
  maxColumns = defaultMaxColumns,
  systemColumns = true,
}: InferenceOptions): Inference {
  const wanted = [...new Set([key, givenIdentity].filter((path) => path !== undefined))];
  const types = new Map(Object.entries(askedTypes));
  const observer = new EventObserver(wanted);
  const { root } = observer;
  const skipped: { line: number; reason: string }[] = [];
  let texts = 0;
  let skippedCount = 0;

  const skip = (line: number, reason: string): false => {
    skippedCount++;
    if (skipped.length < maxSkippedNamed) skipped.push({ line, reason });
    return false;
  };

  const addText = (text: string, line = texts + 1): boolean => {
    texts++;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return skip(line, `not JSON: ${(error as Error).message}`);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return skip(line, 'not a JSON object');
    observer.observe(text, line);
    return true;
  };

  const finish = (): InferredEvent => {
    const events = root.objects;
    if (events === 0)
      throw new InferenceError(
        'no-events',
        skippedCount === 0
          ? 'there are no events to infer from'
          : `none of the ${skippedCount} texts is a JSON object (line ${skipped[0]?.line}: ${skipped[0]?.reason})`,
      );
    // A key called `event_id` can only be the column that every table has, and that one holds the identity.
    const keyIsIdentity = key !== undefined && columnName([key]) === eventIdColumn.name;
    const keySeen = key !== undefined && observer.wanted.get(key)?.fields.length !== 0;
    const identity = givenIdentity ?? (keyIsIdentity && keySeen ? key : undefined);
    const choice = chooseColumns(root, { wanted, identity, types, maxColumns, systemColumns });
    checkAsked(choice, types, events);
    const keyProposals = proposeKeys(choice.chosen, events);
    const timeProposals = proposeTimes(choice.chosen);
    if (key !== undefined && (keySeen || key !== eventIdColumn.name))
      checkWanted(observer, choice, 'key', key);
    if (identity !== undefined) checkWanted(observer, choice, 'identity', identity);
    const proposed = keyProposals[0]?.path;
    const time = timeProposals.find(
      ({ kind, present }) => kind === 'timestamp' && present === events,
    );
    const definition: EventDefinition = {
      name,
      version: '1.0.0',
      ...(description !== undefined && { description }),
      key: key ?? proposed ?? eventIdColumn.name,
      ...(identity !== undefined && { identity }),
      ...(time && { time: time.path }),
      schema: schemaOf(root, choice.chosen),
    };
    if (systemColumns) defineEvent(definition);
    return {
      definition,
      report: {
        name,
        events,
        skipped: { count: skippedCount, first: skipped },
        key: {
          path: definition.key,
          chosenBy:
            key !== undefined ? 'caller' : proposed !== undefined ? 'inference' : 'fallback',
        },
        identity,
        time: time?.path,
        columns: reportColumns(definition, choice),
        leftOut: choice.leftOut,
        untracked: untrackedMembers(root),
        typeProposals: typeProposals(choice.chosen, types),
        warnings: warnings(choice, identity, events),
        keyProposals,
        timeProposals,
        indexProposals: proposeIndexes(choice.chosen, [definition.key, identity]),
        privacyProposals: proposePrivacy(choice.chosen),
        enumProposals: enumProposals(choice.chosen),
      },
    };
  };

  return {
    addText,
    add: (value, line) => {
      const text = JSON.stringify(value) as string | undefined;
      return addText(text ?? '', line);
    },
    finish,
  };
}

function checkWanted(
  observer: EventObserver,
  { chosen, leftOut }: Choice,
  role: 'key' | 'identity',
  path: string,
): void {
  const events = observer.root.objects;
  const { withValue = 0, firstWithout = 0, fields = [] } = observer.wanted.get(path) ?? {};
  const refuse = (code: InferenceError['code'], detail: string): never => {
    throw new InferenceError(code, `"${path}" can't be the ${role}: ${detail}`);
  };
  if (fields.length === 0) {
    const always = chosen.filter(({ field }) => field.always).map((field) => pathText(field.path));
    refuse(
      'unknown-field',
      `none of the ${events} events has it` +
        (always.length ? `; every event has ${always.slice(0, maxPathsNamed).join(', ')}` : ''),
    );
  }
  if (withValue < events)
    refuse(
      'missing-values',
      `${events - withValue} of ${events} events have no value there, the first of them at line ${firstWithout}`,
    );
  if (fields.length > 1)
    refuse('missing-values', 'it stands at different places in different events');
  const match = chosen.find((candidate) => pathText(candidate.path) === path);
  if (!match) {
    const reason = leftOut.find((field) => field.path === path)?.reason ?? 'it is an object';
    return refuse('unfit-type', `${reason}; use a text or an integer`);
  }
  const kind = columnKind(match);
  if (!usableKinds.has(kind))
    refuse('unfit-type', `${match.decision.reason}; use a text or an integer`);
}

/** Checks that there is each field whose type was asked for. */
function checkAsked(
  { chosen }: Choice,
  types: ReadonlyMap<string, AskableType>,
  events: number,
): void {
  const paths = new Set(chosen.map(({ field }) => field.text));
  for (const [path, type] of types)
    if (!paths.has(path))
      throw new InferenceError(
        'unknown-field',
        `"${path}" can't be ${type}: no column of the ${events} events has this path; there are ${[...paths].slice(0, maxPathsNamed).join(', ')}`,
      );
}

const typeProposals = (
  chosen: readonly ChosenField[],
  asked: ReadonlyMap<string, AskableType>,
): readonly TypeProposal[] =>
  chosen.flatMap(({ field }) => {
    const proposal = asked.has(field.text) ? undefined : proposeType(field);
    return proposal ? [{ path: field.text, ...proposal }] : [];
  });

const usableKinds: ReadonlySet<string> = new Set(['bigint', 'string', 'timestamp', 'date']);

function reportColumns(
  { schema }: EventDefinition,
  { chosen }: Choice,
): InferenceReport['columns'] {
  const byColumn = new Map(chosen.map((field) => [field.column, field]));
  return schemaColumns(schema).map(({ name, path, type, required, nullable }) => {
    const field = byColumn.get(name);
    return {
      path: pathText(path),
      column: name,
      type: glueType(type),
      required,
      nullable,
      present: field?.field.present ?? 0,
      reason: field?.decision.reason ?? '',
    };
  });
}

function warnings(
  { chosen }: Choice,
  identity: string | undefined,
  events: number,
): readonly string[] {
  const found = chosen
    .filter(({ decision }) => decision.warning)
    .map(({ path, decision }) => `${pathText(path)}: ${decision.reason}`);
  const sample = chosen.find(({ path }) => pathText(path) === identity)?.field.sample;
  if (identity !== undefined && sample && sample.sampled.repeated > 0)
    found.unshift(
      `identity ${identity}: ${sample.exact ? '' : 'about '}${sample.exact ? sample.distinct : Math.round(sample.uniqueShare * events)} distinct values in ${events} events; ` +
        'events that share one are taken for the same event, and one row of them is kept',
    );
  return found;
}

function untrackedMembers(root: ObservedField): InferenceReport['untracked'] {
  const found: { path: string; occurrences: number }[] = [];
  const visit = (field: ObservedField): void => {
    if (field.untracked && !field.freeForm)
      found.push({ path: field.text, occurrences: field.untracked });
    field.members.forEach(visit);
  };
  visit(root);
  return found;
}

const enumProposals = (chosen: readonly ChosenField[]): InferenceReport['enumProposals'] =>
  chosen.flatMap((candidate) => {
    const { examples, strings } = candidate.field;
    if (!examples || columnKind(candidate) !== 'string' || strings < minEnumEvents) return [];
    const values = [...examples.values()].map(({ text, count }) => ({
      value: JSON.parse(text) as string,
      count,
    }));
    return [{ path: pathText(candidate.path), values }];
  });
