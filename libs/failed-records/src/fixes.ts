import { pointerSteps } from '@sluice/values';
import { isLosslessNumber, LosslessNumber, parse, stringify } from 'lossless-json';
import { unzipped } from './record-fault';

/** Types to which a value can be converted. A value that can't be read as the type is left unchanged. */
const fixTypes = ['number', 'integer', 'text', 'boolean', 'timestamp'] as const;
export type FixType = (typeof fixTypes)[number];

/**
 * One change of a record at a JSON pointer, in which `*` stands for every position of an array. A list of steps is
 * data: it can be stored, shown and tried without running anybody's code.
 */
export type FixStep =
  | { readonly at: string; readonly to: FixType }
  /** Sets a value, replacing any other. */
  | { readonly at: string; readonly set: unknown }
  /** Sets a value where there is none, or null. */
  | { readonly at: string; readonly default: unknown }
  | { readonly at: string; readonly remove: true }
  /** Renames the member, unless another one has the name. */
  | { readonly at: string; readonly rename: string };

/** Error for a list of steps that can't be carried out; the message names the step. */
export class FixError extends Error {
  override readonly name = 'FixError';
}

/** Largest number of steps in a list. */
const maxSteps = 50;

const kinds = ['to', 'set', 'default', 'remove', 'rename'] as const;

/** Reads a list of steps. @throws FixError */
export function parseFixes(value: unknown): readonly FixStep[] {
  if (!Array.isArray(value)) throw new FixError('fixes must be a list of steps');
  if (value.length > maxSteps) throw new FixError(`fixes may have at most ${maxSteps} steps`);
  return value.map((step: unknown, index) => {
    const at = `step ${index + 1} of fixes`;
    if (typeof step !== 'object' || step === null) throw new FixError(`${at} is no object`);
    const members = step as Readonly<Record<string, unknown>>;
    if (typeof members['at'] !== 'string' || !members['at'].startsWith('/'))
      throw new FixError(`${at} needs "at", a JSON pointer such as /price`);
    const given = kinds.filter((kind) => kind in members);
    const others = Object.keys(members).filter(
      (name) => name !== 'at' && !kinds.some((kind) => kind === name),
    );
    if (given.length !== 1 || others.length > 0)
      throw new FixError(`${at} needs "at" and one of ${kinds.join(', ')}`);
    if ('to' in members && !fixTypes.some((type) => type === members['to']))
      throw new FixError(`${at}: "to" is one of ${fixTypes.join(', ')}`);
    if ('remove' in members && members['remove'] !== true)
      throw new FixError(`${at}: "remove" is true`);
    if ('rename' in members && (typeof members['rename'] !== 'string' || members['rename'] === ''))
      throw new FixError(`${at}: "rename" is the new name`);
    return members as unknown as FixStep;
  });
}

/**
 * Applies steps to a record. Numbers that no step changes keep every digit with which they were sent.
 *
 * @returns the record unchanged where it is not a single JSON text, to which pointers could refer
 */
export function fixRecord(bytes: Uint8Array, steps: readonly FixStep[]): Uint8Array {
  const text = unzipped(bytes);
  if (!text || steps.length === 0) return bytes;
  let value: unknown;
  try {
    value = parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    return bytes;
  }
  for (const step of steps) {
    const segments = pointerSteps(step.at);
    applyStep(value, segments, step);
  }
  return new TextEncoder().encode(stringify(value) ?? '');
}

function applyStep(parent: unknown, segments: readonly string[], step: FixStep): void {
  const [name = '', ...rest] = segments;
  if (Array.isArray(parent)) {
    const positions = name === '*' ? parent.map((_, index) => index) : [Number(name)];
    for (const position of positions)
      if (rest.length > 0) applyStep(parent[position], rest, step);
      else if (position in parent) changeElement(parent, position, step);
    return;
  }
  if (typeof parent !== 'object' || parent === null || isLosslessNumber(parent)) return;
  const members = parent as Record<string, unknown>;
  const held = Object.hasOwn(members, name) ? members[name] : undefined;
  if (rest.length > 0) {
    applyStep(held, rest, step);
    return;
  }
  if ('rename' in step) {
    if (held === undefined || Object.hasOwn(members, step.rename)) return;
    put(members, step.rename, held);
    Reflect.deleteProperty(members, name);
  } else if ('remove' in step) Reflect.deleteProperty(members, name);
  else {
    const value = changed(held, step);
    if (value !== undefined) put(members, name, value);
  }
}

function changeElement(list: unknown[], position: number, step: FixStep): void {
  if ('remove' in step) list[position] = null;
  else if (!('rename' in step)) list[position] = changed(list[position], step);
}

/** Sets an own member, whatever its name, even `__proto__`. */
const put = (members: Record<string, unknown>, name: string, value: unknown): void => {
  Object.defineProperty(members, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
};

function changed(value: unknown, step: FixStep): unknown {
  if ('set' in step) return step.set;
  if ('default' in step) return value ?? step.default;
  if ('to' in step && value !== undefined && value !== null) return converted(value, step.to);
  return value;
}

const numberText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function converted(value: unknown, type: FixType): unknown {
  const text = isLosslessNumber(value)
    ? value.value
    : typeof value === 'string'
      ? value.trim()
      : undefined;
  switch (type) {
    case 'number':
      return text !== undefined && numberText.test(text)
        ? new LosslessNumber(jsonNumber(text))
        : value;
    case 'integer': {
      const [, whole] = /^([+-]?\d+)(?:\.0*)?$/.exec(text ?? '') ?? [];
      return whole === undefined ? value : new LosslessNumber(jsonNumber(whole));
    }
    case 'text':
      if (isLosslessNumber(value)) return value.value;
      return typeof value === 'string' ? value : (stringify(value) ?? value);
    case 'boolean':
      if (/^(?:true|yes|1)$/i.test(text ?? '')) return true;
      return /^(?:false|no|0)$/i.test(text ?? '') ? false : value;
    case 'timestamp':
      return timestampOf(text) ?? value;
  }
}

/**
 * Writes a number as JSON requires: without a plus, without leading zeros, and with digits on both sides of the
 * point.
 */
function jsonNumber(text: string): string {
  const [, sign = '', whole = '', fraction, exponent = ''] =
    /^([+-]?)(\d*)(?:\.(\d*))?((?:[eE][+-]?\d+)?)$/.exec(text) ?? [];
  const digits = whole.replace(/^0+(?=\d)/, '') || '0';
  return `${sign === '-' ? '-' : ''}${digits}${fraction ? `.${fraction}` : ''}${exponent}`;
}

/** Reads seconds or milliseconds since 1970, or a time without its `T` or zone, which is then UTC. */
function timestampOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/^\d{10}(?:\.\d+)?$/.test(text)) return isoTime(Number(text) * 1_000);
  if (/^\d{13}$/.test(text)) return isoTime(Number(text));
  const [, day, time, zone] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))? ?(Z|[+-]\d{2}:?\d{2})?$/i.exec(
      text,
    ) ?? [];
  if (day === undefined) return undefined;
  const seconds = time === undefined ? '00:00:00' : time.length === 5 ? `${time}:00` : time;
  const offset = zone?.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2').toUpperCase() ?? 'Z';
  const whole = `${day}T${seconds}${offset}`;
  return Number.isNaN(Date.parse(whole)) ? undefined : whole;
}

const isoTime = (ms: number): string | undefined =>
  Number.isFinite(ms) ? new Date(Math.round(ms)).toISOString() : undefined;

/**
 * Returns the steps that would fix records with a fault, as far as the fault determines them; none where only a
 * person can know.
 */
export function suggestFixes({
  code,
  pointer,
  detail,
}: {
  readonly code: string;
  readonly pointer: string | undefined;
  readonly detail: string;
}): readonly FixStep[] {
  if (pointer === undefined || pointer === '/') return [];
  const wanted = / wants (?:an? )?([a-z -]+)/.exec(detail)?.[1] ?? '';
  if (code === 'type') {
    const [, to] =
      (
        [
          [/^integer/, 'integer'],
          [/^(?:number|decimal)/, 'number'],
          [/^(?:string|text)/, 'text'],
          [/^(?:boolean|true)/, 'boolean'],
        ] as const
      ).find(([pattern]) => pattern.test(wanted)) ?? [];
    return to ? [{ at: pointer, to }] : [];
  }
  if (code === 'format' && /date-time|decimal/.test(detail))
    return [{ at: pointer, to: detail.includes('decimal') ? 'number' : 'timestamp' }];
  if (code === 'required') return [{ at: pointer, default: '' }];
  if (code === 'null') return [{ at: pointer, remove: true }];
  return [];
}
