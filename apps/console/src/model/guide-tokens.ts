import type { MarkedToken, Token } from 'marked';

/** Kinds of tokens that the page renders. Pictures and the space between blocks are not among them. */
export const shownKinds = [
  'heading',
  'paragraph',
  'code',
  'list',
  'list_item',
  'table',
  'text',
  'escape',
  'codespan',
  'strong',
  'em',
  'link',
  'image',
  'space',
] as const satisfies readonly MarkedToken['type'][];

/** Returns the text of tokens without markup. */
export const plainText = (tokens: readonly Token[] = []): string =>
  tokens
    .filter(({ type }) => type !== 'image')
    .map((token): string => {
      const inner: readonly Token[] | undefined = 'tokens' in token ? token.tokens : undefined;
      if (inner) return plainText(inner);
      return 'text' in token ? String(token.text) : '';
    })
    .join('');

/** Returns the anchor of a heading, as GitHub makes it. */
export const headingId = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
