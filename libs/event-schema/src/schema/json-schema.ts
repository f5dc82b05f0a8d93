/**
 * The part of JSON Schema that event definitions use, as plain JSON. Values of TypeBox conform to it.
 *
 * `precision` and `scale` belong to `format: 'decimal'`; `digits` belongs to `format: 'date-time'`: the number of
 * fraction digits of a second (0, 3 or 6; by default 3). `column` and `access` are Sluice's own keywords too.
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
  /** Distinguishes free-form objects from closed ones (TypeBox's `Type.Record`). */
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
  /** Name of the value's column, where it should not be made from the path. */
  readonly column?: string;
  /**
   * `restricted` where only API keys with its scope may see the value's column. The data dictionary shows it, and
   * `compat` reports changes.
   */
  readonly access?: 'restricted';
}

/** Keywords that a definition may have. All others are refused, so that a typo can't silently have no effect. */
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
