import { formatFiles, logger, type Tree } from '@nx/devkit';
import {
  columnName,
  dataDictionary,
  defineEvent,
  eventColumns,
  shippedCatalog,
  shippedEventTypes,
  type EventDefinition,
} from '@sluice/event-schema';
import { createInference, renderInferenceReport } from '@sluice/event-schema/inference';
import { openSourceFile } from '@sluice/event-files';
import { resolve } from 'node:path';
import { definitionSource, exportName, fileStem, indexWithEvent, testSource } from './event-files';

export interface GenerateEventOptions {
  readonly name: string;
  /** File of real events; without it the definition is a minimal one. */
  readonly from?: string;
  readonly key?: string;
  readonly identity?: string;
}

const eventsFolder = 'libs/event-schema/src/events';
const dictionaryFile = 'docs/data-dictionary.md';

/** Examples that the test keeps, and the longest that it takes. */
const maxExamples = 5;
const maxExampleLength = 20_000;

/** Adds an event type: definition, test with real examples, entry in the data dictionary. */
export async function generateEvent(tree: Tree, options: GenerateEventOptions): Promise<void> {
  const { name } = options;
  const stem = fileStem(name);
  const file = `${eventsFolder}/${stem}.ts`;
  const known = shippedEventTypes.find((eventType) => eventType.name === name);
  if (known || tree.exists(file))
    throw new Error(`There is an event type "${name}" already, in ${file}.`);
  // Checks the name before a long file is read.
  defineEvent(minimal(name));

  const { definition, examples } = options.from
    ? await inferred({ ...options, from: options.from })
    : { definition: minimal(name, options), examples: [{ [options.key ?? 'id']: '1' }] };
  const eventType = defineEvent(definition);

  const keyPath =
    eventColumns(eventType).find((column) => column.name === columnName([eventType.key]))?.path ??
    [];
  tree.write(file, definitionSource(definition));
  tree.write(`${eventsFolder}/${stem}.examples.json`, JSON.stringify(examples, null, 2));
  tree.write(`${eventsFolder}/${stem}.spec.ts`, testSource(definition, keyPath));
  const index = `${eventsFolder}/index.ts`;
  tree.write(index, indexWithEvent(tree.read(index, 'utf8') ?? '', name));
  await formatFiles(tree);
  // Kept from the formatter, as the page that `event-schema:docs` writes is.
  tree.write(dictionaryFile, dataDictionary(shippedCatalog([eventType])));
  logger.info(
    `${exportName(name)} is in ${file}. Read it, say what its fields mean, and give it its version.`,
  );
}

const minimal = (
  name: string,
  { key = 'id', identity }: Pick<GenerateEventOptions, 'key' | 'identity'> = {},
): EventDefinition => ({
  name,
  version: '1.0.0',
  description: 'Say here what the event is.',
  key,
  ...(identity !== undefined && { identity }),
  schema: {
    type: 'object',
    properties: { [key]: { type: 'string', description: 'What rows are looked up by.' } },
    required: [key],
  },
});

async function inferred({
  name,
  from,
  key,
  identity,
}: GenerateEventOptions & { readonly from: string }): Promise<{
  readonly definition: EventDefinition;
  readonly examples: readonly unknown[];
}> {
  // npm sets it to the folder that the command was given in.
  const source = await openSourceFile(resolve(process.env['INIT_CWD'] ?? '.', from));
  const inference = createInference({
    name,
    description: 'Say here what the event is.',
    ...(key !== undefined && { key }),
    ...(identity !== undefined && { identity }),
  });
  const examples: unknown[] = [];
  for await (const { text, position } of source.texts()) {
    if (!inference.addText(text, position)) continue;
    if (examples.length < maxExamples && text.length <= maxExampleLength)
      examples.push(JSON.parse(text));
  }
  const { definition, report } = inference.finish();
  logger.info(renderInferenceReport(report));
  return { definition, examples };
}
