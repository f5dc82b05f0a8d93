const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Decides whether a text is a UUID (RFC 9562, section 4), in letters of either case. */
export const isUuid = (text: string): boolean => uuid.test(text);

/** Writes the 16 bytes of a UUID in its one spelling, that in lower case. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Reads the 16 bytes of a UUID; undefined for any other text. */
export const uuidBytes = (text: string): Uint8Array | undefined =>
  isUuid(text) ? Buffer.from(text.replaceAll('-', ''), 'hex') : undefined;
