const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Decides whether a text is a UUID (RFC 9562, section 4), in upper or lower case. */
export const isUuid = (text: string): boolean => uuid.test(text);

/** Writes the 16 bytes of a UUID in lower case, its one spelling here. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Returns the 16 bytes of a UUID's text; undefined for any other text. */
export const uuidBytes = (text: string): Uint8Array | undefined =>
  isUuid(text) ? Buffer.from(text.replaceAll('-', ''), 'hex') : undefined;
