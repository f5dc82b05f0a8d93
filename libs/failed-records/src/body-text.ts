import { printable } from '@sluice/terminal/printable-text';
import { unzipped } from './record-fault';

/** Largest number of characters of a record that are shown. */
const maxShown = 2_000;

/**
 * Returns a record as one line for a terminal: uncompressed, without what would change it, shortened where it is long.
 */
export function bodyText(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(unzipped(bytes) ?? bytes);
  const line = printable(
    text
      .slice(0, maxShown)
      .trim()
      .replaceAll(/[\n\r\t]/g, ' '),
  );
  return text.length > maxShown ? `${line} … (${bytes.length} bytes)` : line;
}
