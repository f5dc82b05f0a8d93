import { openSourceFile } from '@sluice/event-files';
import {
  defineEvent,
  DefinitionError,
  isDefinitionName,
  type EventType,
} from '@sluice/event-schema';
import { readFolderCatalog, withDefinition, type FolderCatalog } from '@sluice/event-schema/folder';
import { shippedDefinitions } from '@sluice/event-types';
import {
  createInference,
  renderInferenceReport,
  renderInferenceSummary,
} from '@sluice/schema-inference';
import { definitionFileSuffix, writeEventType } from '@sluice/event-schema/node';
import { writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { AskedTypes } from '../type-option';
import { lineIdentityField, withLineIdentity } from './line-identity';
import { similarName } from './similar-name';

/** Error for options that don't fit the event type; the message is meant for a person. */
export class EventTypeError extends Error {
  override readonly name = 'EventTypeError';
}

export interface EventTypeOfFileOptions {
  readonly file: string;
  readonly name: string;
  readonly key: string | undefined;
  readonly identity: string | undefined;
  /** Types that fields are asked to have, where it is inferred. */
  readonly types?: AskedTypes;
  /** True where the events have no identity of their own, so that each gets one made from its line. */
  readonly identityFromLine: boolean;
  /** Folder of the definitions that were inferred before. */
  readonly definitions: string;
  /** True where the name is intended, even if it resembles that of another event type. */
  readonly isNew: boolean;
  /** Checks an inferred definition before it is written. Throws where it does not fit the stored rows. */
  readonly checkStored: (eventType: EventType) => Promise<void>;
  readonly onBytesRead: (bytes: number, events: number) => void;
}

export interface EventTypeOfFile {
  readonly eventType: EventType;
  /** Report about the inferred definition on one screen; undefined where the event type existed before. */
  readonly report: string | undefined;
}

/**
 * Returns the event type for a file: the one with that name, or else one inferred from the whole file, so that all
 * its events conform.
 *
 * @throws {@link EventTypeError}, InferenceError, DefinitionError, SourceFileError
 */
export async function eventTypeOfFile({
  file,
  name,
  key,
  identity: givenIdentity,
  types = {},
  identityFromLine,
  definitions,
  isNew,
  checkStored,
  onBytesRead,
}: EventTypeOfFileOptions): Promise<EventTypeOfFile> {
  const source = await openSourceFile(file);
  const identity = identityFromLine ? lineIdentityField : givenIdentity;
  const folder = readFolderCatalog(definitions, shippedDefinitions);
  const known = folder.catalog.eventTypes.find((eventType) => eventType.name === name);
  if (known) {
    for (const [option, given] of [
      ['key', key],
      ['identity', identity],
    ] as const)
      if (given !== undefined && given !== known[option])
        throw new EventTypeError(
          `the event type "${name}" is defined with ${known[option] === undefined ? `no ${option}` : `the ${option} "${known[option]}"`}, ` +
            `not "${given}"; leave --${option} out, or choose another --event`,
        );
    if (Object.keys(types).length > 0)
      throw new EventTypeError(
        `the event type "${name}" is already defined, so --type has no effect; leave it out, or change the definition`,
      );
    return { eventType: known, report: undefined };
  }

  checkNewName(name, isNew, folder);

  const inference = createInference({
    name,
    ...(key !== undefined && { key }),
    ...(identity !== undefined && { identity }),
    types,
  });
  let bytes = 0;
  let events = 0;
  const textOf = (text: string, position: number): string =>
    identityFromLine ? withLineIdentity(text, basename(file), position) : text;
  for await (const { text, position } of source.texts({
    onBytesRead: (count) => {
      bytes += count;
      onBytesRead(bytes, events);
    },
  }))
    if (inference.addText(textOf(text, position), position)) events++;
  const { definition, report } = inference.finish();
  checkServable(definition, folder);
  await checkStored(definition);
  const definitionFile = writeEventType(definitions, definition);
  const reportFile = join(definitions, `${name}.report.txt`);
  writeFileSync(reportFile, `${renderInferenceReport(report, true)}\n`);
  return {
    eventType: definition,
    report: renderInferenceSummary(report, {
      source: file,
      definitionFile: fromHere(definitionFile),
      reportFile: fromHere(reportFile),
      identityAdvice: '--identity FIELD or --identity-from-line makes it one row',
      typeAdvice: ({ path, type, fits, values }) =>
        `--type '${path}=${type}'${fits < values ? ' lets the others fail' : ''}`,
    }),
  };
}

/** Returns a path as short as a person would write it. */
function fromHere(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

/** Checks a new name before a long file is read. */
function checkNewName(name: string, isNew: boolean, folder: FolderCatalog): void {
  const broken = folder.faults.find(({ file }) => basename(file) === name + definitionFileSuffix);
  if (broken)
    throw new EventTypeError(
      `${broken.file}: ${broken.reason}; fix the file, or remove it to have the event type inferred again`,
    );
  const similar = similarName(
    name,
    folder.catalog.eventTypes.map((eventType) => eventType.name),
  );
  if (similar !== undefined && !(isNew && isDefinitionName(name)))
    throw new EventTypeError(
      `there is no event type "${name}"; did you mean "${similar}"?` +
        (isDefinitionName(name) ? ` For a new one of that name, add --new` : ''),
    );
  checkServable(
    {
      name,
      version: '1.0.0',
      key: 'event_id',
      schema: { type: 'object', properties: { id: { type: 'string' } } },
    },
    folder,
  );
}

/** Checks that the stacks could serve the definition together with all others. */
function checkServable(eventType: EventType, { catalog }: FolderCatalog): void {
  const { name } = eventType;
  for (const [kind, others] of [
    ['reference table', catalog.references],
    ['join', catalog.joins],
  ] as const)
    if (others.some((other) => other.name === name))
      throw new EventTypeError(
        `there is a ${kind} "${name}" already; give the event type another name with --event`,
      );
  try {
    withDefinition(catalog, { eventType: defineEvent(eventType) });
  } catch (error) {
    if (error instanceof DefinitionError)
      throw new EventTypeError(`${error.message}; take another --event`, { cause: error });
    throw error;
  }
}
