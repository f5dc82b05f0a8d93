const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** A place in a text file; both count from 1. */
export interface TextPlace {
  readonly line: number;
  /** Counts characters (UTF-16 units) of the line. */
  readonly column: number;
}

/**
 * Follows a text that comes in chunks and says where its last character stands. Lines end with LF, CRLF or a CR alone, wherever
 * the chunks are cut.
 */
export class TextPosition {
  #line = 1;
  #column = 1;
  #afterReturn = false;

  get place(): TextPlace {
    return { line: this.#line, column: this.#column };
  }

  /** Moves on over `text` from `start` (inclusive) to `end` (exclusive). */
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

/** Returns the place of `text[at]`, where `text` itself begins at `from`. */
export function placeIn(
  text: string,
  at: number,
  from: TextPlace = { line: 1, column: 1 },
): TextPlace {
  const position = new TextPosition();
  position.advance(text, 0, at);
  const { line, column } = position.place;
  return { line: from.line + line - 1, column: line === 1 ? from.column + column - 1 : column };
}
