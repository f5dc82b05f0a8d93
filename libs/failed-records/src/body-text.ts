import { unzipped } from './record-fault';

/** Largest number of characters of a record that are shown. */
const maxShown = 2_000;

/**
 * Returns a record as one line for a terminal: uncompressed, without control characters, shortened where it is long.
 */
export function bodyText(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(unzipped(bytes) ?? bytes);
  const line = printable(text.slice(0, maxShown).trim());
  return text.length > maxShown ? `${line} … (${bytes.length} bytes)` : line;
}

/** Replaces C0 and C1 control characters by their escapes in JSON. */
const printable = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) =>
    character === '\n' || character === '\r' || character === '\t'
      ? ' '
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
