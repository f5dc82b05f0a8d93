// A separate entry point (@sluice/event-files/json-texts), because it also runs in browsers.
import { TextPosition, type TextLocation } from './text-location';

/** Reason why a text is not a JSON array, and its location. */
export interface SplitFault {
  readonly detail: string;
  readonly place: TextLocation;
}

/**
 * Finds the top-level JSON texts of a stream of characters: documents one after another with any white space between
 * them, or (`elementsOf: 'array'`) the elements of one array. A text is passed on unchanged; its reader has to check
 * whether it is valid JSON.
 */
export class JsonTextSplitter {
  readonly #onText: (text: string, start: TextLocation) => void;
  /** Depth at which a text begins: 1 inside the array, else 0. */
  readonly #base: number;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Characters of the current text from earlier chunks. */
  #head = '';
  #inText = false;
  readonly #position = new TextPosition();
  #start: TextLocation = this.#position.place;
  /** The last thing read inside the array. */
  #last: 'nothing' | 'element' | 'comma' = 'nothing';
  #fault: SplitFault | undefined;

  /** The fault between the elements of an array, after which nothing is read; undefined where there is none. */
  get fault(): SplitFault | undefined {
    return this.#fault;
  }

  /** @param onText called with each text and the location of its first character */
  constructor(
    onText: (text: string, start: TextLocation) => void,
    { elementsOf = 'stream' }: { readonly elementsOf?: 'stream' | 'array' } = {},
  ) {
    this.#onText = onText;
    this.#base = elementsOf === 'array' ? 1 : 0;
  }

  write(chunk: string): void {
    if (this.#fault) return;
    let start = 0;
    /** Index up to which the position was advanced. */
    let passed = 0;
    const { length } = chunk;
    const standAt = (at: number): TextLocation => {
      this.#position.advance(chunk, passed, at);
      passed = at;
      return this.#position.place;
    };
    for (let at = 0; at < length; at++) {
      const code = chunk.charCodeAt(at);
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (code === backslash) this.#escaped = true;
        else if (code === quote) {
          this.#inString = false;
          if (this.#depth === this.#base && this.#base === 0) {
            this.#emit(chunk, start, at + 1);
          }
        }
        continue;
      }
      const isSpace = code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
      if (this.#depth === this.#base) {
        const ends = isSpace || (this.#base === 1 && (code === comma || code === closeBracket));
        if (this.#inText && ends) this.#emit(chunk, start, at);
        if (this.#base === 1 && code === closeBracket) {
          if (this.#last === 'comma') {
            this.#refuse('the array ends after a comma, without an element', standAt(at));
            return;
          }
          this.#depth--;
          continue;
        }
        if (this.#base === 1 && code === comma) {
          if (this.#last !== 'element') {
            this.#refuse('there is a comma without an element before it', standAt(at));
            return;
          }
          this.#last = 'comma';
        }
        if (ends) continue;
        if (
          this.#inText &&
          this.#base === 0 &&
          (code === openBrace || code === openBracket || code === quote)
        )
          this.#emit(chunk, start, at);
        if (!this.#inText) {
          if (this.#base === 1 && this.#last === 'element') {
            this.#refuse('there is no comma between two elements', standAt(at));
            return;
          }
          this.#last = 'element';
          this.#inText = true;
          this.#start = standAt(at);
          start = at;
        }
      } else if (this.#depth < this.#base) {
        if (code === openBracket) this.#depth++;
        else if (!isSpace && code !== byteOrderMark) {
          // Text outside of the array is passed on as a text of its own, for its reader to refuse.
          this.#onText(chunk.slice(at), standAt(at));
          return;
        }
        continue;
      }
      if (code === quote) this.#inString = true;
      else if (code === openBrace || code === openBracket) this.#depth++;
      else if (code === closeBrace || code === closeBracket) {
        this.#depth--;
        if (this.#depth <= this.#base) {
          this.#depth = this.#base;
          this.#emit(chunk, start, at + 1);
        }
      }
    }
    if (this.#inText) this.#head += chunk.slice(start);
    standAt(length);
  }

  #refuse(detail: string, place: TextLocation): void {
    this.#fault = { detail, place };
  }

  /** Ends the stream. @returns whether the last text was complete (and the array, if there is one, closed) */
  end(): boolean {
    const complete = !this.#inString && this.#depth === 0;
    if (this.#inText) this.#emit('', 0, 0);
    return complete;
  }

  #emit(chunk: string, start: number, end: number): void {
    if (!this.#inText) return;
    const text = this.#head + chunk.slice(start, end);
    this.#head = '';
    this.#inText = false;
    if (text !== '') this.#onText(text, this.#start);
  }
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const byteOrderMark = 0xfeff;

/** Returns the top-level JSON texts of a whole text. */
export function splitJsonTexts(text: string): readonly string[] {
  const texts: string[] = [];
  const splitter = new JsonTextSplitter((one) => texts.push(one));
  splitter.write(text);
  splitter.end();
  return texts;
}

/** Decides whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns the texts of the events of a sample: the elements of an array, the lines of NDJSON, or one event on several
 * lines. They are unchanged, digit for digit; a line is not checked.
 *
 * @throws SyntaxError where it begins as an array and is not JSON
 */
export function eventTexts(sample: string): readonly string[] {
  const whole = sample.trim();
  if (!whole.startsWith('[')) {
    const lines = whole.split(/\r?\n/).filter((line) => line.trim() !== '');
    return lines.length > 1 && !isJson(lines[0] ?? '') && isJson(whole) ? [whole] : lines;
  }
  JSON.parse(whole);
  const texts: string[] = [];
  const splitter = new JsonTextSplitter((text) => texts.push(text), { elementsOf: 'array' });
  splitter.write(whole);
  splitter.end();
  return texts;
}
