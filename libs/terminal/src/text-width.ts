import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter();

/** Returns the number of columns that a terminal needs for a text, such as 2 for a Chinese character. */
export const textWidth = (text: string): number =>
  /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);

/** Cuts a text into pieces, at least one, of at most `columns` columns. A character is in one piece, however wide. */
export function piecesOfWidth(text: string, columns: number): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    const more = textWidth(segment);
    if (width + more > columns && piece !== '') {
      pieces.push(piece);
      piece = '';
      width = 0;
    }
    piece += segment;
    width += more;
  }
  return [...pieces, piece];
}

/** Shortens a text to at most `columns` columns; an ellipsis is in place of what is left out. */
export function shortened(text: string, columns: number): string {
  let begin = '';
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += textWidth(segment);
    if (width > columns) return `${begin}…`;
    if (width < columns) begin += segment;
  }
  return text;
}
