import { unzipped } from './record-fault';

/** Characters of a record that a person is shown. */
const maxShown = 2_000;

/** Returns a record as one line of text for a terminal: unpacked, without what a terminal would obey, cut where it is long. */
export function bodyText(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(unzipped(bytes) ?? bytes);
  const line = printable(text.slice(0, maxShown).trim());
  return text.length > maxShown ? `${line} … (${bytes.length} bytes)` : line;
}

/** C0 and C1 control characters as JSON would escape them. */
const printable = (text: string): string =>
  // eslint-disable-next-line no-control-regex
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) =>
    character === '\n' || character === '\r' || character === '\t'
      ? ' '
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
