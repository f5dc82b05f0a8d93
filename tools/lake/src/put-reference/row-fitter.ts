import { pointerSteps } from '@sluice/values';
import { locationIn } from '@sluice/event-files';
import { nodeShape, type ColumnType, type JsonSchema } from '@sluice/event-schema';
import { compileFlattener, type FlattenFault } from '@sluice/record-flattening';
import { quoted } from './problem-list';
import type { SourceRow } from './reference-source';

export type FittedRow =
  | {
      readonly ok: true;
      /** Column → value, in the form for the row table; nulls are left out. */
      readonly row: Readonly<Record<string, unknown>>;
      /** Paths of members that the schema does not name. */
      readonly leftOut: readonly string[];
    }
  | {
      readonly ok: false;
      /** Path of the faulty value, if it is a single value. */
      readonly column: string | undefined;
      readonly detail: string;
    };

/**
 * Returns a function that checks rows against a schema, by the same rules as events, and flattens them into columns.
 */
export function createRowFitter(name: string, schema: JsonSchema): (row: SourceRow) => FittedRow {
  const flattener = compileFlattener(
    { name, version: '1.0.0', key: '', schema },
    { systemColumns: false },
  );
  const origin = { shardId: '', sequenceNumber: '', arrivalMs: 0 };
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  return (source) => {
    const text = source.json;
    if (!text.startsWith('{'))
      return { ok: false, column: undefined, detail: `${quoted(text)} is not a JSON object` };
    const result = flattener.flatten(encoder.encode(text), origin);
    if (result.status === 'fault') return refusal(result.fault, source);
    if (result.status === 'dropped' || result.rows > 1)
      return {
        ok: false,
        column: undefined,
        detail: 'it holds several JSON objects; put each on a line',
      };
    const { '': unmapped, ...row } = exactJson(decoder.decode(result.bytes)) as Row;
    if (typeof unmapped !== 'string') return { ok: true, row, leftOut: [] };
    return withoutUnmapped(row, exactJson(unmapped) as Row, schema);
  };
}

type Row = Readonly<Record<string, unknown>>;

/** Matches numbers of 16 digits or more, some of which a double can't tell apart. */
const longNumber = /\d[\d.]{15,}/;
/** Matches a text, which is to be skipped, or a number with so many characters that it may have 16 digits. */
const textOrLongNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]{15,}/g;

/** Parses JSON, with long numbers as texts, which the columns read exactly. @param text valid JSON */
const exactJson = (text: string): unknown =>
  JSON.parse(
    longNumber.test(text)
      ? text.replace(textOrLongNumber, (token) => (token.startsWith('"') ? token : `"${token}"`))
      : text,
  );

function refusal({ path, detail, offset }: FlattenFault, { json, start }: SourceRow): FittedRow {
  if (offset !== undefined) {
    const character = Buffer.from(json).subarray(0, offset).toString().length;
    const { line, column } = locationIn(json, character, start);
    const where = start ? `at line ${line}, column ${column}` : `at character ${column}`;
    return {
      ok: false,
      column: undefined,
      detail: `not JSON ${where}: ${detail.replace(/^at byte \d+: /, '')}`,
    };
  }
  const steps = pointerSteps(path);
  const value = valueAt(parsed(json), steps);
  const shown = value === undefined ? '' : `${quotedValue(value)}: `;
  return { ok: false, column: steps.join('.'), detail: shown + detail };
}

/** Parses a JSON text; undefined where it holds several. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const quotedValue = (value: unknown): string =>
  typeof value === 'string' ? quoted(value) : quoted(JSON.stringify(value)).slice(1, -1);

const valueAt = (value: unknown, steps: readonly string[]): unknown =>
  steps.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, step)
        ? (at as Record<string, unknown>)[step]
        : undefined,
    value,
  );

/**
 * Separates members that the schema does not name, which are left out, from values of which a column would hold only
 * a part, which are refused. An empty object in place of columns loses nothing.
 */
function withoutUnmapped(row: Row, unmapped: Row, schema: JsonSchema): FittedRow {
  const leftOut: string[] = [];
  let cut:
    | { readonly path: string; readonly value: unknown; readonly type: ColumnType }
    | undefined;
  const visit = (members: Row, properties: JsonSchema['properties'], path: string): void => {
    for (const [name, value] of Object.entries(members)) {
      const here = path === '' ? name : `${path}.${name}`;
      const node = properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
      const shape = node && nodeShape(node);
      if (!shape) leftOut.push(here);
      else if (shape.shape === 'column') cut ??= { path: here, value, type: shape.type };
      else visit(value as Row, shape.schema.properties, here);
    }
  };
  visit(unmapped, schema.properties, '');
  if (!cut) return { ok: true, row, leftOut };
  const { path, value, type } = cut;
  // A long number arrives as text, and is shown as a number.
  const shown = type.kind === 'double' ? quoted(String(value)).slice(1, -1) : quotedValue(value);
  return { ok: false, column: path, detail: `${shown}: ${whyCut(type)}` };
}

/** Returns the reason why a column of this type holds only a part of a value that the schema accepts. */
function whyCut(type: ColumnType): string {
  switch (type.kind) {
    case 'double':
      return 'the number has more digits than a double keeps; make the column a decimal or a text';
    case 'timestamp':
      return 'the column keeps fewer digits of a second';
    case 'array':
      return `of an element, ${whyCut(type.items)}`;
    default:
      return "half of a surrogate pair, which UTF-8 can't hold";
  }
}
