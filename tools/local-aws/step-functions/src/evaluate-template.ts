import { createHash, randomUUID } from 'node:crypto';
import type { Expression } from 'jsonata';
import { StateError } from './state-error';
import type { Template } from './state-machine';

/** Values that expressions can use: `states` as `$states`, a variable `x` as `$x`. */
export type Bindings = Readonly<Record<string, unknown>>;

const expressionText = /^\{%([\s\S]*)%\}$/;

/**
 * Evaluates the expressions in a template. Source: developer guide, "Transforming data with JSONata".
 *
 * @throws {@link StateError} `States.QueryEvaluationError`
 */
export async function evaluateTemplate(template: Template, bindings: Bindings): Promise<unknown> {
  if (typeof template === 'string') {
    const source = expressionText.exec(template)?.[1];
    return source === undefined ? template : evaluate(source, bindings);
  }
  if (Array.isArray(template))
    return Promise.all(template.map((item) => evaluateTemplate(item, bindings)));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(
    await Promise.all(
      Object.entries(template).map(
        async ([name, value]) => [name, await evaluateTemplate(value, bindings)] as const,
      ),
    ),
  );
}

async function evaluate(source: string, bindings: Bindings): Promise<unknown> {
  let value: unknown;
  try {
    // Loaded when first needed, because many stacks run no state machine.
    const { default: jsonata } = await import('jsonata');
    const expression = jsonata(source);
    for (const [name, implementation] of Object.entries(stepFunctions))
      expression.registerFunction(name, implementation);
    value = await expression.evaluate(undefined, { ...bindings });
  } catch (error) {
    const message = (error as { readonly message?: unknown }).message;
    throw queryError(source, String(message));
  }
  // Functions, and the marks that JSONata puts on its arrays, are dropped by JSON either way.
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw queryError(source, 'it returned nothing (undefined)');
  return JSON.parse(text) as unknown;
}

const queryError = (source: string, message: string): StateError =>
  new StateError(
    'States.QueryEvaluationError',
    `The JSONata expression '${source.trim()}' could not be evaluated: ${message}.`,
  );

/**
 * Functions that Step Functions adds to JSONata. Source: developer guide, "JSONata functions provided by Step
 * Functions".
 */
const stepFunctions: Readonly<Record<string, Parameters<Expression['registerFunction']>[1]>> = {
  eval: () => {
    throw new Error('$eval is not supported; use $parse');
  },
  parse: (text: string) => JSON.parse(text) as unknown,
  uuid: () => randomUUID(),
  hash: (text: string, algorithm: string) =>
    createHash(algorithm.replace('-', '').toLowerCase()).update(text).digest('hex'),
  range: (first: number, last: number, step: number) => {
    const values: number[] = [];
    for (let value = first; step > 0 ? value <= last : value >= last; value += step) {
      if (step === 0 || values.length === maxRange)
        throw new Error(`$range has more than ${maxRange} numbers`);
      values.push(value);
    }
    return values;
  },
  partition: (items: readonly unknown[], size: number) =>
    Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
      items.slice(index * size, (index + 1) * size),
    ),
};

const maxRange = 1000;
