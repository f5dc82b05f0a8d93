type Mapping = Readonly<Record<string, string>>;

/** One header that a mapping sets. */
interface MappedHeader {
  /** Name in lower case. */
  readonly name: string;
  /** Static value; undefined where it is taken from another header. */
  readonly value: string | undefined;
  /** Name of that header, in lower case. */
  readonly from: string | undefined;
}

/** A mapping of parameters, read once. */
export type HeaderMapping = readonly MappedHeader[];

const readMapping = (mapping: Mapping | undefined, target: RegExp, source: RegExp): HeaderMapping =>
  Object.entries(mapping ?? {}).flatMap(([parameter, expression]) => {
    const name = target.exec(parameter)?.[1]?.toLowerCase();
    if (name === undefined) return [];
    // A static value is written in single quotes.
    const value = /^'(.*)'$/s.exec(expression)?.[1];
    return [{ name, value, from: source.exec(expression)?.[1]?.toLowerCase() }];
  });

const ofRequest = /^method\.request\.header\.(.+)$/;

/**
 * Reads the headers of an integration's request from a mapping: `integration.request.header.X: "'value'"` or
 * `method.request.header.Y`.
 */
export const integrationHeaders = (mapping: Mapping | undefined): HeaderMapping =>
  readMapping(mapping, /^integration\.request\.header\.(.+)$/, ofRequest);

/**
 * Reads the headers of a method's response from a mapping: `method.response.header.X: "'value'"` or
 * `integration.response.header.Y`.
 */
export const responseHeaders = (mapping: Mapping | undefined): HeaderMapping =>
  readMapping(mapping, /^method\.response\.header\.(.+)$/, /^integration\.response\.header\.(.+)$/);

/**
 * Reads the headers of a gateway response from a mapping: `gatewayresponse.header.X: "'value'"` or
 * `method.request.header.Y`.
 */
export const gatewayResponseHeaders = (mapping: Mapping | undefined): HeaderMapping =>
  readMapping(mapping, /^gatewayresponse\.header\.(.+)$/, ofRequest);

/**
 * Returns the headers that a mapping sets, with names in lower case. A source without a value sets no header.
 *
 * @param given headers that the mapping may refer to, by name in lower case
 */
export function mappedHeaders(
  mapping: HeaderMapping,
  given: Readonly<Record<string, string | readonly string[] | undefined>>,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const { name, value, from } of mapping) {
    const found = value ?? (from === undefined ? undefined : given[from]);
    if (found !== undefined) headers[name] = String(found);
  }
  return headers;
}
