import { formatFiles, logger, type Tree } from '@nx/devkit';
import * as library from '@sluice/event-schema';
import {
  dataDictionary,
  defineEvent,
  eventColumns,
  pathText,
  type Catalog,
  type EventDefinition,
  type JsonSchema,
} from '@sluice/event-schema';
import { withDefinition } from '@sluice/event-schema/folder';
import { createInference, renderInferenceReport } from '@sluice/schema-inference';
import { wrapText } from '@sluice/terminal';
import { openSourceFile } from '@sluice/event-files';
import { resolve } from 'node:path';
import { definitionSource, exportName, fileStem, indexWithEvent, testSource } from './event-files';

export interface GenerateEventOptions {
  readonly name: string;
  /** File of real events. Without it the definition is a minimal one. */
  readonly from?: string;
  readonly key?: string;
  readonly identity?: string;
}

/** Content of the workspace before the event type is added. */
export interface ShippedContent {
  readonly catalog: Catalog;
  /** Names that the library of event types exports. */
  readonly exportedNames: readonly string[];
}

const eventsFolder = 'libs/event-types/src/events';
const dictionaryFile = 'docs/data-dictionary.md';

/** Largest number of examples in the test, and the longest example in characters. */
const maxExamples = 5;
const maxExampleLength = 20_000;

/** Adds an event type: its definition, a test with real examples, and its entry in the data dictionary. */
export async function generateEvent(
  tree: Tree,
  options: GenerateEventOptions,
  { catalog, exportedNames }: ShippedContent,
): Promise<void> {
  const { name } = options;
  const stem = fileStem(name);
  const file = `${eventsFolder}/${stem}.ts`;
  const known = catalog.eventTypes.find((eventType) => eventType.name === name);
  if (known) throw new Error(`There is an event type "${name}" already, in ${file}.`);
  if (tree.exists(file))
    throw new Error(`${file} is there already, and it is no event type; take another name.`);
  // Checks the names of its table and views before a long file is read.
  withDefinition(catalog, { eventType: defineEvent(minimal(name)) });

  const { definition, examples } = options.from
    ? await inferred({ ...options, from: options.from })
    : withExample(minimal(name, options));
  const eventType = defineEvent(definition);

  const keyPath =
    eventColumns(eventType).find(({ path }) => pathText(path) === eventType.key)?.path ?? [];
  const index = `${eventsFolder}/index.ts`;
  const indexSource = tree.read(index, 'utf8') ?? '';
  const variable = exportName(name, namesInCode(indexSource, exportedNames));
  tree.write(file, definitionSource(definition, variable));
  tree.write(`${eventsFolder}/${stem}.examples.json`, `[${examples.join(',\n')}]\n`);
  tree.write(`${eventsFolder}/${stem}.spec.ts`, testSource(definition, { variable, keyPath }));
  tree.write(index, indexWithEvent(indexSource, name, variable));
  await formatFiles(tree);
  // Not formatted, like the page that `event-types:docs` writes.
  tree.write(dictionaryFile, dataDictionary(withDefinition(catalog, { eventType })));
  logger.info(
    wrapText(
      `${variable} is in ${file}. Read it, say what its fields mean, and give it its version.`,
    ),
  );
}

interface Generated {
  readonly definition: EventDefinition;
  /** JSON texts exactly as in the file, so that numbers keep their digits. */
  readonly examples: readonly string[];
}

/** Returns the names that the model and the content export, and those in the list of event types. */
const namesInCode = (index: string, exported: readonly string[]): ReadonlySet<string> =>
  new Set([
    ...Object.keys(library),
    ...exported,
    ...[...index.matchAll(/^import \{ (\w+) \}/gm)].map(([, name = '']) => name),
  ]);

const minimal = (
  name: string,
  { key = 'id', identity }: Pick<GenerateEventOptions, 'key' | 'identity'> = {},
): EventDefinition => ({
  name,
  version: '1.0.0',
  description: 'Say here what the event is.',
  key,
  ...(identity !== undefined && { identity }),
  schema: minimalSchema(
    [key, ...(identity === undefined ? [] : [identity])].filter(
      (path) => path !== 'event_id' || path === identity,
    ),
  ),
});

/** Returns the schema of an object with a required text at each of these paths. */
function minimalSchema(paths: readonly string[]): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  for (const path of paths) {
    const [first = '', ...rest] = path.split('.');
    const inner = paths.filter((other) => other.startsWith(`${first}.`));
    properties[first] =
      rest.length > 0
        ? minimalSchema(inner.map((other) => other.slice(first.length + 1)))
        : { type: 'string' };
  }
  return { type: 'object', properties, required: Object.keys(properties) };
}

const withExample = (definition: EventDefinition): Generated => ({
  definition,
  examples: [JSON.stringify(exampleOf(definition.schema))],
});

const exampleOf = ({ properties = {} }: JsonSchema): unknown =>
  Object.fromEntries(
    Object.entries(properties).map(([name, child]) => [
      name,
      child.properties ? exampleOf(child) : '1',
    ]),
  );

async function inferred({
  name,
  from,
  key,
  identity,
}: GenerateEventOptions & { readonly from: string }): Promise<Generated> {
  // npm sets INIT_CWD to the folder in which the command was given.
  const source = await openSourceFile(resolve(process.env['INIT_CWD'] ?? '.', from));
  const inference = createInference({
    name,
    description: 'Say here what the event is.',
    ...(key !== undefined && { key }),
    ...(identity !== undefined && { identity }),
  });
  const examples: string[] = [];
  let shortest: string | undefined;
  for await (const { text, position } of source.texts()) {
    if (!inference.addText(text, position)) continue;
    if (examples.length < maxExamples && text.length <= maxExampleLength) examples.push(text);
    if (shortest === undefined || text.length < shortest.length) shortest = text;
  }
  if (examples.length === 0 && shortest !== undefined) examples.push(shortest);
  const { definition, report } = inference.finish();
  for (const line of renderInferenceReport(report).split('\n')) logger.info(wrapped(line));
  return { definition, examples };
}

/**
 * Breaks a line of the report where a terminal would break it inside a word. Continuation lines are indented like the
 * text above them.
 */
function wrapped(line: string): string {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return wrapText(line, { first: indent, rest: `${indent}  ` });
}
