/**
 * A VTL expression that prints a value so that it is safe between the quotes of a JSON string.
 *
 * `escapeJavaScript` turns `'` into `\'`, which JSON does not know, so that is turned back
 * (docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#util-template-reference).
 * What is left is ASCII, with `\"`, `\\`, `\/` and `\uXXXX`: JSON whatever the value was.
 */
export const jsonSafe = (expression: string): string =>
  String.raw`$util.escapeJavaScript(${expression}).replaceAll("\\'", "'")`;
