/**
 * A VTL expression that prints a value so that it is safe between the quotes of a JSON string.
 *
 * `escapeJavaScript` turns `'` into `\'`, which JSON does not know, so that is turned back
 * (docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#util-template-reference).
 * What is left is ASCII, with `\"`, `\\`, `\/` and `\uXXXX`: JSON whatever the value was.
 */
export const jsonSafe = (expression: string): string =>
  String.raw`$util.escapeJavaScript(${expression}).replaceAll("\\'", "'")`;

/**
 * JSON text that a template can hold as it is: ASCII, and without `$` and `#`, which VTL would read. In JSON
 * they only occur within strings, where `\u0024` and `\u0023` mean the same.
 */
export const staticJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[$#\u007f-\uffff]/g, unicodeEscape);

const unicodeEscape = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
