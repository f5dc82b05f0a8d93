/** What is no text at all, by its first bytes, and what to do with it. */
const binaryFormats: readonly (readonly [start: string, name: string])[] = [
  ['PK\x03\x04', 'a ZIP archive or an Excel workbook; unpack it, or save the sheet as CSV'],
  ['PAR1', 'a Parquet file; give it a name that ends in .parquet'],
  ['Obj\x01', 'an Avro file; convert it to NDJSON'],
  ['ORC', 'an ORC file; convert it to Parquet or NDJSON'],
  ['\x28\xb5\x2f\xfd', 'Zstandard data; unpack it with zstd -d, or pack it with gzip'],
  ['BZh', 'bzip2 data; unpack it with bzip2 -d, or pack it with gzip'],
  ['\xfd7zXZ', 'xz data; unpack it with xz -d, or pack it with gzip'],
  ['SQLite format 3\0', 'a SQLite database; export the table as CSV'],
];

/** Bytes that {@link formatOfBytes} looks at. */
export const formatBytes = 16;

/** Says what a file is by its first bytes, and what to do about it; undefined where they may begin UTF-8 text. */
export function formatOfBytes(start: Uint8Array): string | undefined {
  const text = Buffer.from(start).toString('latin1');
  const format = binaryFormats.find(([magic]) => text.startsWith(magic));
  if (format) return format[1];
  const encoding = wideEncoding(start);
  return (
    encoding &&
    `${encoding.replace(/[BL]E$/, '')} text; save it as UTF-8 (iconv -f ${encoding} -t UTF-8)`
  );
}

/**
 * UTF-16 or UTF-32 by the byte order mark, else by where the zero bytes of two characters of ASCII lie, one of which begins each
 * JSON text and most headers (RFC 4627, section 3).
 */
function wideEncoding([a = -1, b = -1, c = -1, d = -1]: Uint8Array): string | undefined {
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'UTF-32LE' : 'UTF-16LE';
  if (a === 0xfe && b === 0xff) return 'UTF-16BE';
  if (a === 0 && b === 0)
    return (c === 0xfe && d === 0xff) || (c === 0 && d > 0) ? 'UTF-32BE' : undefined;
  if (a > 0 && b === 0) return c === 0 && d === 0 ? 'UTF-32LE' : 'UTF-16LE';
  if (a === 0 && b > 0) return 'UTF-16BE';
  return undefined;
}

/** Members that programs wrap lists of events in, whatever else there is beside them. */
const wrapperNames = new Set(['records', 'events', 'logevents']);

/**
 * Returns the member of an object that holds the events, where the object is only what a program wrapped them in: CloudTrail's `Records`, an
 * API's `events` or `data`.
 *
 * @param text the only JSON text of a file
 */
export function wrappedEvents(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const members = Object.entries(value);
  const found = members.find(
    ([name, member]) =>
      Array.isArray(member) &&
      member.length > 0 &&
      member.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item)) &&
      (members.length === 1 || wrapperNames.has(name.toLowerCase())),
  );
  return found?.[0];
}
