const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** A location in a text file. Both numbers count from 1. */
export interface TextLocation {
  readonly line: number;
  /** Position in the line, in characters (UTF-16 units). */
  readonly column: number;
}

/**
 * Follows a text that arrives in chunks and knows the location of its last character. Lines end with LF, CRLF or a CR
 * alone, wherever the chunks are cut.
 */
export class TextPosition {
  #line = 1;
  #column = 1;
  #afterReturn = false;

  get place(): TextLocation {
    return { line: this.#line, column: this.#column };
  }

  /** Advances over `text` from `start` (inclusive) to `end` (exclusive). */
  advance(text: string, start = 0, end = text.length): void {
    let lineStart = -1;
    for (let at = start; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code !== lineFeed && code !== carriageReturn) {
        this.#afterReturn = false;
        continue;
      }
      if (code === carriageReturn || !this.#afterReturn) this.#line++;
      this.#afterReturn = code === carriageReturn;
      lineStart = at + 1;
    }
    this.#column = lineStart < 0 ? this.#column + end - start : end - lineStart + 1;
  }
}

/** Returns the location of `text[at]`, where `text` itself begins at `from`. */
export function locationIn(
  text: string,
  at: number,
  from: TextLocation = { line: 1, column: 1 },
): TextLocation {
  const position = new TextPosition();
  position.advance(text, 0, at);
  const { line, column } = position.place;
  return { line: from.line + line - 1, column: line === 1 ? from.column + column - 1 : column };
}
