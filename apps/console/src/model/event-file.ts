import { isJson } from '@sluice/event-files/json-texts';

/** Proposes a name for the event type of a file: `My Orders-2.ndjson` → `my_orders_2`. */
export function typeNameOf(fileName: string): string {
  const stem = fileName.replace(/(?:\.(?:json|ndjson|jsonl))?(?:\.gz)?$/i, '');
  const name = stem
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '');
  return name === '' ? 'event' : name.slice(0, 60);
}

/** Events of a file, and its texts that are not valid. */
export interface CheckedTexts {
  readonly texts: readonly string[];
  /** Positions of the texts that are not JSON, counted from 1. */
  readonly broken: readonly number[];
}

/** Leaves out texts that are not JSON, because the gateway would refuse all events sent with them. */
export function checkedTexts(texts: readonly string[]): CheckedTexts {
  const broken: number[] = [];
  const good = texts.filter((text, index) => {
    const isGood = isJson(text);
    if (!isGood) broken.push(index + 1);
    return isGood;
  });
  return { texts: good, broken };
}

const maxEvents = 500;
const maxCharacters = 900_000;

/** Groups events into batches of the size that the gateway accepts. */
export function batchesOf(texts: readonly string[]): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let current: string[] = [];
  let characters = 0;
  for (const text of texts) {
    if (
      current.length > 0 &&
      (current.length === maxEvents || characters + text.length > maxCharacters)
    ) {
      batches.push(current);
      current = [];
      characters = 0;
    }
    current.push(text);
    characters += text.length;
  }
  if (current.length > 0) batches.push(current);
  return batches;
}
