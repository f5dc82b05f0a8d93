import type { Outcome } from './outcome';

/** An event on its way. Its text is sent as it is. */
export interface QueuedEvent {
  readonly text: string;
  /** Size of the text as UTF-8. */
  readonly bytes: number;
  readonly queuedAtMs: number;
  /** How often it was part of a request. */
  attempts: number;
  /** Called once. */
  readonly settle: (outcome: Outcome) => void;
}

/** Bytes of a text as UTF-8, without encoding it. A lone surrogate counts as the three of its replacement. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x80) continue;
    if (code < 0x800) bytes += 1;
    else if (code >= 0xd800 && code <= 0xdbff && isLowSurrogate(text.charCodeAt(at + 1))) {
      bytes += 2;
      at++;
    } else bytes += 2;
  }
  return bytes;
}

const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;
