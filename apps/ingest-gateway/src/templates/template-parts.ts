// Parts that several mapping templates have in common.
import { listedNames } from '@sluice/lambda-http';

/**
 * Returns a VTL expression that prints a value so that it is safe between the quotes of a JSON string.
 *
 * `escapeJavaScript` turns `'` into `\'`, which JSON does not know, so that is turned back
 * (docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#util-template-reference).
 * What is left is ASCII, with `\"`, `\\`, `\/` and `\uXXXX`: JSON whatever the value was.
 */
export const jsonSafe = (expression: string): string =>
  String.raw`$util.escapeJavaScript(${expression}).replaceAll("\\'", "'")`;

/**
 * Returns the directive that sets the header `Retry-After` of an answer. The name stands in brackets: as a property
 * (`header.Retry-After`) it is one name to Velocity 1.7 and a subtraction to Velocity 2, where hyphens are no part
 * of a name by default (velocity.apache.org/engine/2.0/upgrading.html, `parser.allow_hyphen_in_identifiers`).
 */
export const retryAfter = (seconds: string): string =>
  `#set($context.responseOverride.header["Retry-After"] = "${seconds}")`;

/** Returns the answer for an event type that is not deployed: what was asked for, and the first of the known ones. */
export const unknownEventTypeResponse = (known: readonly string[]): string =>
  `
{
  "message": "There is no event type \\"${jsonSafe("$input.params('event_type')")}\\". There are ${listedNames(known)}; GET /v1/events has their schemas.",
  "requestId": "$context.requestId"
}`.trimStart();
