import { shippedEventTypes, tableName, type EventType } from '@sluice/event-schema';
import { createInference, renderInferenceReport } from '@sluice/event-schema/inference';
import { readEventTypes, writeEventType } from '@sluice/event-schema/node';
import { openSourceFile } from '@sluice/event-files';

/** The options don't fit the event type; the message is for a person. */
export class EventTypeError extends Error {
  override readonly name = 'EventTypeError';
}

export interface EventTypeOfFileOptions {
  readonly file: string;
  readonly name: string;
  readonly key: string | undefined;
  readonly identity: string | undefined;
  /** Folder of the definitions that were inferred before. */
  readonly definitions: string;
  readonly onBytesRead: (bytes: number, events: number) => void;
}

export interface EventTypeOfFile {
  readonly eventType: EventType;
  /** Why the definition is what it is; undefined where it was there before. */
  readonly report: string | undefined;
}

/**
 * The event type that a file is ingested as: the one of that name, else one inferred from the whole file, so
 * that every event of it conforms.
 *
 * @throws {@link EventTypeError}, InferenceError, DefinitionError, SourceFileError
 */
export async function eventTypeOfFile({
  file,
  name,
  key,
  identity,
  definitions,
  onBytesRead,
}: EventTypeOfFileOptions): Promise<EventTypeOfFile> {
  const source = await openSourceFile(file);
  const known = [...shippedEventTypes, ...readEventTypes(definitions)].find(
    (eventType) => eventType.name === name,
  );
  if (known) {
    for (const [option, given] of [
      ['key', key],
      ['identity', identity],
    ] as const)
      if (given !== undefined && given !== known[option])
        throw new EventTypeError(
          `the event type "${name}" is defined with ${known[option] === undefined ? `no ${option}` : `the ${option} "${known[option]}"`}, ` +
            `not "${given}"; leave --${option} out, or take another --event`,
        );
    return { eventType: known, report: undefined };
  }

  const inference = createInference({
    name,
    ...(key !== undefined && { key }),
    ...(identity !== undefined && { identity }),
  });
  let bytes = 0;
  let events = 0;
  for await (const { text, position } of source.texts({
    onBytesRead: (count) => {
      bytes += count;
      onBytesRead(bytes, events);
    },
  }))
    if (inference.addText(text, position)) events++;
  const { definition, report } = inference.finish();
  const clash = [...shippedEventTypes, ...readEventTypes(definitions)].find(
    (eventType) => tableName(eventType) === definition.name,
  );
  if (clash)
    throw new EventTypeError(
      `the table "${definition.name}" belongs to the event type ${clash.name} ${clash.version}; take another --event`,
    );
  writeEventType(definitions, definition);
  return { eventType: definition, report: renderInferenceReport(report) };
}
