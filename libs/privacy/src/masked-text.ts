import { isIP, isIPv4 } from 'node:net';

const mask = '***';
/** Length in characters from which on the end of a text is kept. In a shorter text, the end would be most of it. */
const minCharactersWithEnd = 12;
const endCharacters = 4;

/**
 * Masks a text: three asterisks, followed by the last four characters if it has 12 or more. A text that is masked
 * already is not changed.
 */
export function maskedText(text: string): string {
  const characters = Array.from(text);
  if (text === '' || (text.startsWith(mask) && characters.length === mask.length + endCharacters))
    return text;
  return characters.length < minCharactersWithEnd
    ? mask
    : mask + characters.slice(-endCharacters).join('');
}

/** Number of 16-bit groups of an IPv6 address that are kept: those of a site, such as a household. */
const keptGroups = 3;

/**
 * Removes the part of an IP address that distinguishes the machines of a network: the last octet of IPv4, the last 80
 * bits of IPv6. Returns undefined for a text that is not an address.
 */
export function truncatedIp(text: string): string | undefined {
  if (isIPv4(text)) return text.replace(/\d+$/, '0');
  if (isIP(text) !== 6) return undefined;
  const [address = ''] = text.split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.)\d+$/i.exec(address);
  if (mapped) return `::ffff:${mapped[1]}0`;
  const groups = ipv6Groups(address);
  // A mapped address may be written in groups too.
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    const [high = 0, low = 0] = groups.slice(6);
    return `::ffff:${high >> 8}.${high & 0xff}.${low >> 8}.0`;
  }
  const kept = groups.slice(0, keptGroups);
  while (kept.at(-1) === 0) kept.pop();
  return `${kept.map((group) => group.toString(16)).join(':')}::`;
}

/** Returns the eight groups of a valid address (RFC 4291, section 2.2). */
function ipv6Groups(address: string): readonly number[] {
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const [a = 0, b = 0, c = 0, d = 0] = (dotted?.slice(1) ?? []).map(Number);
  const text = dotted
    ? `${address.slice(0, dotted.index)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
    : address;
  const [head = '', tail] = text.split('::');
  const parse = (part: string): readonly number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [first, last] = [parse(head), parse(tail ?? '')];
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
}

const asterisk = 0x2a;
const backslash = 0x5c;
const zero = 0x30;
const dot = 0x2e;

/**
 * Masks an ASCII text in place, without making a string of it.
 *
 * @returns the end of what remains; or -1, with nothing changed, where the text is empty, has an escape or a byte
 * beyond ASCII, or may be masked already
 */
export function maskAscii(bytes: Uint8Array, start: number, end: number): number {
  if (end === start || bytes[start] === asterisk) return -1;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === backslash || byte > 0x7f) return -1;
  }
  const keepsEnd = end - start >= minCharactersWithEnd;
  let to = start;
  while (to < start + mask.length) bytes[to++] = asterisk;
  if (keepsEnd)
    for (let at = end - endCharacters; at < end; at++) bytes[to++] = bytes[at] as number;
  return to;
}

/**
 * Truncates an IPv4 address in place, without making a string of it.
 *
 * @returns the end of what remains; or -1, with nothing changed, where the text is not such an address
 */
export function truncateIpv4(bytes: Uint8Array, start: number, end: number): number {
  let octets = 0;
  let octetStart = start;
  for (let at = start; at <= end; at++) {
    if (at < end && bytes[at] !== dot) {
      const digit = (bytes[at] as number) - zero;
      if (digit < 0 || digit > 9) return -1;
      continue;
    }
    const digits = at - octetStart;
    if (digits < 1 || digits > 3 || (digits > 1 && bytes[octetStart] === zero)) return -1;
    let value = 0;
    for (let index = octetStart; index < at; index++)
      value = value * 10 + (bytes[index] as number) - zero;
    if (value > 255 || ++octets > 4) return -1;
    if (at < end) octetStart = at + 1;
  }
  if (octets !== 4) return -1;
  bytes[octetStart] = zero;
  return octetStart + 1;
}
