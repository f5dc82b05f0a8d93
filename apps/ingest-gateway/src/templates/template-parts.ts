// Parts that several mapping templates share.
import { listedNames } from '@sluice/lambda-http';

/**
 * Returns a VTL expression that prints a value safely between the quotes of a JSON string.
 *
 * `escapeJavaScript` turns `'` into `\'`, which JSON does not allow, so that is reverted
 * (docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#util-template-reference).
 * The result is ASCII, with the escapes `\"`, `\\`, `\/` and `\uXXXX`, and so is JSON whatever the value was.
 */
export const jsonSafe = (expression: string): string =>
  String.raw`$util.escapeJavaScript(${expression}).replaceAll("\\'", "'")`;

/**
 * Returns the directive that sets the header `Retry-After` of an answer. The name is in brackets, because as a
 * property (`header.Retry-After`) it is one name to Velocity 1.7 but a subtraction to Velocity 2, in which names have
 * no hyphens by default (velocity.apache.org/engine/2.0/upgrading.html, `parser.allow_hyphen_in_identifiers`).
 */
export const retryAfter = (seconds: string): string =>
  `#set($context.responseOverride.header["Retry-After"] = "${seconds}")`;

/** Returns the answer for an event type that is not deployed: the requested name, and the first of the known ones. */
export const unknownEventTypeResponse = (known: readonly string[]): string =>
  `
{
  "message": "There is no event type \\"${jsonSafe("$input.params('event_type')")}\\". There are ${listedNames(known)}; GET /v1/events has their schemas.",
  "requestId": "$context.requestId"
}`.trimStart();
