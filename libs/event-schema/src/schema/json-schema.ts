/**
 * The part of JSON Schema that event definitions use, as plain JSON. TypeBox values fit it as they are.
 *
 * `precision` and `scale` belong to `format: 'decimal'`; `digits` to `format: 'date-time'`: how many
 * fractional digits of a second the values carry (0, 3 or 6; 3 when absent). `column` and `access` are ours too.
 */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly examples?: unknown;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  /** Tells free-form objects from closed ones (TypeBox's `Type.Record`). */
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly digits?: number;
  readonly precision?: number;
  readonly scale?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  /** Name of the value's column, where it is not to be made from its path. */
  readonly column?: string;
  /** `restricted` where not everyone is to see the value's column: the data dictionary says so, and `compat` tells of a change. */
  readonly access?: 'restricted';
}

/** Every keyword a definition may carry; anything else is refused, so that a typo is not a silent no-op. */
export const supportedKeywords: ReadonlySet<string> = new Set<keyof JsonSchema>([
  'type',
  'title',
  'description',
  'examples',
  'default',
  'properties',
  'required',
  'additionalProperties',
  'patternProperties',
  'items',
  'anyOf',
  'enum',
  'const',
  'format',
  'digits',
  'precision',
  'scale',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
  'column',
  'access',
]);

/** Writes one step of a JSON pointer, escaped (RFC 6901, section 3). */
export const pointerStep = (name: string): string =>
  `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
