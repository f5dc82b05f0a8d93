import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { glueColumns, systemColumns } from '@sluice/event-schema';
import { createInference, type InferenceOptions, type InferredEvent } from '.';

/** Infers an event type named `sample` from texts. */
export const inferTexts = (
  texts: readonly string[],
  options: Partial<InferenceOptions> = {},
): InferredEvent => {
  const inference = createInference({ name: 'sample', ...options });
  texts.forEach((text) => inference.addText(text));
  return inference.finish();
};

/** Infers an event type named `sample` from values. */
export const infer = (
  events: readonly unknown[],
  options: Partial<InferenceOptions> = {},
): InferredEvent =>
  inferTexts(
    events.map((event) => JSON.stringify(event)),
    options,
  );

/** Returns the Hive type of each column, without the system columns. */
export const typesOf = ({ definition }: InferredEvent): Record<string, string> =>
  Object.fromEntries(
    glueColumns(definition)
      .slice(0, -systemColumns.length)
      .map(({ name, type }) => [name, type]),
  );

const ajv = addFormats(new Ajv({ strict: false, ownProperties: true }));

/** Returns the faults of the texts that do not conform to what was inferred. */
export const refusalsOf = (
  { definition }: InferredEvent,
  texts: readonly string[],
): readonly unknown[] => {
  const validate = ajv.compile(definition.schema);
  return texts.filter((text) => !validate(JSON.parse(text))).map(() => validate.errors);
};
