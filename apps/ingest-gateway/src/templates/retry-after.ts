/**
 * Returns the directive that sets the header `Retry-After` of an answer. The name stands in brackets: as a property
 * (`header.Retry-After`) it is one name to Velocity 1.7 and a subtraction to Velocity 2, where hyphens are no part
 * of a name by default (velocity.apache.org/engine/2.0/upgrading.html, `parser.allow_hyphen_in_identifiers`).
 */
export const retryAfter = (seconds: string): string =>
  `#set($context.responseOverride.header["Retry-After"] = "${seconds}")`;
