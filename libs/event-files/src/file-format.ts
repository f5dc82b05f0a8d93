/** File formats that are not text, by their first bytes, with advice for each. */
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

/** Number of bytes that {@link formatOfBytes} examines. */
export const formatBytes = 16;

/** Recognises a file by its first bytes and says what to do about it; undefined where they may begin UTF-8 text. */
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
 * Recognises UTF-16 or UTF-32 by the byte order mark, or else by the positions of the zero bytes of two ASCII
 * characters, with which each JSON text and most headers begin (RFC 4627, section 3).
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

/** Names of members in which programs wrap lists of events, whatever other members there are. */
const wrapperNames = new Set(['records', 'events', 'logevents']);

/**
 * Returns the name of the member that holds the events, where an object only wraps them: CloudTrail's `Records`, an
 * API's `events` or `data`. Returns undefined for any other object.
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
