import { XMLParser } from 'fast-xml-parser';

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Escapes text. Control characters become numeric references, as in S3, because a bare CR would be read as LF. */
const escapeText = (text: string): string =>
  text
    .replace(/[&<>"]/g, (character) => entities[character] ?? character)
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b-\u001f]/g, (c) => `&#x${c.charCodeAt(0).toString(16)};`);

/** Markup that is ready to be sent. Only {@link element} makes it. */
export interface Markup {
  readonly markup: string;
}

/** Returns one element: text is escaped, a list of elements is nested. */
export const element = (name: string, content: string | number | readonly Markup[]): Markup => ({
  markup: `<${name}>${
    typeof content === 'object'
      ? content.map(({ markup }) => markup).join('')
      : escapeText(String(content))
  }</${name}>`,
});

export const xmlDocument = ({ markup }: Markup): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${markup}`;

/** Returns a result document in S3's namespace. */
export const resultDocument = (name: string, content: readonly Markup[]): string =>
  xmlDocument(element(name, content)).replace(`<${name}>`, `<${name} xmlns="${namespace}">`);

const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  removeNSPrefix: true,
  // oxlint-disable-next-line typescript/no-deprecated -- its successor is a decoder of a package that nothing else here needs
  htmlEntities: true,
  isArray: (name) => name === 'Object' || name === 'Part',
});

export type ParsedElement = { readonly [name: string]: ParsedValue | undefined };
export type ParsedValue = string | ParsedElement | readonly ParsedElement[];

/** Parses a document. @returns the root element's content; undefined where the text has no such root */
export function parseXml(text: string, root: string): ParsedElement | undefined {
  try {
    const parsed = (parser.parse(text) as ParsedElement)[root];
    return parsed === '' ? {} : (parsed as ParsedElement | undefined);
  } catch {
    return undefined;
  }
}
