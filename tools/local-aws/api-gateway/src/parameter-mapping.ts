type Mapping = Readonly<Record<string, string>>;
type Headers = Readonly<Record<string, string>>;

/** Returns the value of a static source, which is written in single quotes; undefined for any other source. */
const staticValue = (source: string): string | undefined => /^'(.*)'$/s.exec(source)?.[1];

/** Returns the headers that a mapping sets, with names in lower case. A source without a value sets no header. */
const mappedHeaders = (
  mapping: Mapping | undefined,
  target: RegExp,
  valueOf: (source: string) => string | undefined,
): Headers =>
  Object.fromEntries(
    Object.entries(mapping ?? {}).flatMap(([name, source]) => {
      const header = target.exec(name)?.[1];
      const value = staticValue(source) ?? valueOf(source);
      return header === undefined || value === undefined ? [] : [[header.toLowerCase(), value]];
    }),
  );

/**
 * Returns the integration's request headers from a mapping: `integration.request.header.X: "'value'"` or
 * `method.request.header.Y`.
 */
export const integrationHeaders = (mapping: Mapping | undefined, request: Headers): Headers =>
  mappedHeaders(mapping, /^integration\.request\.header\.(.+)$/, (source) =>
    headerOf(source, /^method\.request\.header\.(.+)$/, request),
  );

/**
 * Returns the method's response headers from a mapping: `method.response.header.X: "'value'"` or
 * `integration.response.header.Y`.
 */
export const responseHeaders = (mapping: Mapping | undefined, integration: Headers): Headers =>
  mappedHeaders(mapping, /^method\.response\.header\.(.+)$/, (source) =>
    headerOf(source, /^integration\.response\.header\.(.+)$/, integration),
  );

/**
 * Returns a gateway response's headers from a mapping: `gatewayresponse.header.X: "'value'"` or
 * `method.request.header.Y`.
 */
export const gatewayResponseHeaders = (mapping: Mapping | undefined, request: Headers): Headers =>
  mappedHeaders(mapping, /^gatewayresponse\.header\.(.+)$/, (source) =>
    headerOf(source, /^method\.request\.header\.(.+)$/, request),
  );

const headerOf = (source: string, pattern: RegExp, headers: Headers): string | undefined => {
  const name = pattern.exec(source)?.[1];
  return name === undefined ? undefined : headers[name.toLowerCase()];
};
