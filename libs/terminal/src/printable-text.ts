// A separate entry point (@sluice/terminal/printable-text), which needs nothing else: adapters use it too.

/** Matches control characters, separators of lines, and what turns the direction of writing (Unicode, UAX 9). */
const unprintable = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** Escapes the characters of others' texts that would move the cursor, change the terminal or hide what is there: `\u001b`. */
export const printable = (text: string): string =>
  text.replace(unprintable, (character) => {
    const [, short] = /^"(\\[bfnrt])"$/.exec(JSON.stringify(character)) ?? [];
    return short ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
