import type { JsonSchema } from '@sluice/event-schema';
import { hasDataAsNames } from './data-as-names';
import { maxDepth } from './event-observer';
import type { ObservedField } from './observed-field';

/** Decision what a field becomes, with the reason. */
export type Decision =
  | { readonly becomes: 'object'; readonly nullable: boolean }
  | {
      readonly becomes: 'column';
      readonly schema: JsonSchema;
      readonly reason: string;
      /** True where the owner of the data may want to act on the reason. */
      readonly warning?: boolean;
    };

/** Schema that accepts every value, which is kept as JSON text. */
const anything: JsonSchema = {};

export function decideField(field: ObservedField): Decision {
  const kinds = kindCounts(field);
  const [only] = kinds;
  if (!only)
    return column(anything, 'always null so far; kept as JSON text until values are known');
  if (kinds.length > 1) return mixed(field, kinds);
  switch (only.kind) {
    case 'object':
      return decideObject(field);
    case 'array':
      return decideArray(field);
    case 'string':
      return decideString(field);
    case 'number':
      return decideNumber(field);
    case 'boolean':
      return column(typed(field, 'boolean'), 'boolean in every event that has it');
  }
}

interface KindCount {
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'boolean';
  readonly count: number;
}

function kindCounts(field: ObservedField): readonly KindCount[] {
  const counts: readonly KindCount[] = [
    { kind: 'object', count: field.objects },
    { kind: 'array', count: field.arrays },
    { kind: 'string', count: field.strings },
    { kind: 'number', count: field.integers + field.fractions },
    { kind: 'boolean', count: field.booleans },
  ];
  return counts.filter(({ count }) => count > 0);
}

const column = (schema: JsonSchema, reason: string, warning = false): Decision => ({
  becomes: 'column',
  schema,
  reason,
  ...(warning && { warning }),
});

const typed = (field: ObservedField, type: string, more: JsonSchema = {}): JsonSchema => ({
  type: field.nulls ? [type, 'null'] : type,
  ...more,
});

const numberType = (field: ObservedField): string => (field.fractions ? 'number' : 'integer');

function mixed(field: ObservedField, kinds: readonly KindCount[]): Decision {
  const counts = [...kinds, { kind: 'null', count: field.nulls }]
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${kind}`)
    .join(', ');
  const type = kinds.map(({ kind }) => (kind === 'number' ? numberType(field) : kind));
  const schema = field.inexactNumbers ? anything : { type: field.nulls ? [...type, 'null'] : type };
  return column(
    schema,
    `mixed types (${counts}); kept as JSON text, where a text has quotes (SQL takes them off: json_extract_scalar(column, '$'))`,
    true,
  );
}

function decideObject(field: ObservedField): Decision {
  const freeForm = (reason: string, warning = false): Decision =>
    column(typed(field, 'object'), `${reason}; kept as JSON text`, warning);
  switch (field.freeForm) {
    case 'depth':
      return freeForm(`nested deeper than ${maxDepth} levels`, true);
    case 'repeated':
      return freeForm('an object has this name twice', true);
    case 'names':
    case 'map':
      return freeForm('an object with data for names', true);
    case undefined:
      break;
  }
  if (field.members.size === 0)
    return freeForm(field.untracked ? 'an object with names too long for columns' : 'always empty');
  if (hasDataAsNames(field))
    return freeForm(
      `an object with data for names (${field.members.size} of them, such as ${someNames(field)})`,
      true,
    );
  return { becomes: 'object', nullable: field.nulls > 0 };
}

const someNames = (field: ObservedField): string =>
  [...field.members.keys()]
    .slice(0, 3)
    .map((name) => JSON.stringify(name))
    .join(', ');

function decideArray(field: ObservedField): Decision {
  const text = (reason: string, warning = false): Decision =>
    column(typed(field, 'array'), `${reason}; kept as JSON text`, warning);
  const elements = field.elements;
  const kinds = elements ? kindCounts(elements) : [];
  const [only] = kinds;
  if (!elements || !only)
    return text(elements?.nulls ? 'arrays of nulls only' : 'always an empty array');
  if (kinds.length > 1)
    return text(
      `arrays of mixed types (${kinds.map(({ kind, count }) => `${count} ${kind}`).join(', ')})`,
      true,
    );
  const items = itemsSchema(elements, only.kind);
  if (!items) return text(`arrays of ${only.kind}s${unfit(elements)}`);
  return column(typed(field, 'array', { items }), `arrays of ${only.kind}s`);
}

const unfit = (elements: ObservedField): string =>
  elements.inexactNumbers || elements.hugeIntegers || elements.brokenStrings
    ? ' that no column type holds exactly'
    : '';

function itemsSchema(elements: ObservedField, kind: KindCount['kind']): JsonSchema | undefined {
  switch (kind) {
    case 'boolean':
      return typed(elements, 'boolean');
    case 'string':
      return elements.brokenStrings ? undefined : typed(elements, 'string');
    case 'number': {
      const lost = elements.fractions ? elements.inexactNumbers : elements.hugeIntegers;
      return lost ? undefined : typed(elements, numberType(elements));
    }
    default:
      return undefined;
  }
}

function decideString(field: ObservedField): Decision {
  if (field.brokenStrings)
    return column(
      anything,
      `${field.brokenStrings} strings with half a surrogate pair, which UTF-8 can't hold; kept as JSON text`,
      true,
    );
  const digits = field.timestamps;
  if (digits !== undefined && digits !== 'none')
    return column(
      typed(field, 'string', { format: 'date-time', digits }),
      `every value is a time in UTC with ${digits} fraction digits`,
    );
  if (field.allDates)
    return column(typed(field, 'string', { format: 'date' }), 'every value is a calendar date');
  if (field.allLocalTimes)
    return column(
      typed(field, 'string'),
      'every value is a time without a zone, which names no moment; kept as text (a time in UTC ends in Z)',
      true,
    );
  return column(typed(field, 'string'), 'text');
}

function decideNumber(field: ObservedField): Decision {
  if (field.fractions === 0 && field.hugeIntegers === 0)
    return column(typed(field, 'integer'), 'every number is an integer within 64 bits');
  if (field.fractions === 0)
    return column(
      anything,
      `${field.hugeIntegers} integers outside 64 bits; kept as JSON text`,
      true,
    );
  if (field.inexactNumbers)
    return column(
      anything,
      `${field.inexactNumbers} numbers have more digits than a double keeps; kept as JSON text`,
      true,
    );
  const integers = field.integers ? `, ${field.integers} written without a fraction` : '';
  return column(typed(field, 'number'), `numbers with a fraction or an exponent${integers}`);
}
