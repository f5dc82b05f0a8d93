type Mapping = Readonly<Record<string, string>>;
type Headers = Readonly<Record<string, string>>;

/** A static value stands within single quotes; anything else is a mapping. */
const staticValue = (source: string): string | undefined => /^'(.*)'$/s.exec(source)?.[1];

/** Headers that a mapping sets, names in lower case; a source that has no value sets none. */
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

/** `integration.request.header.X: "'value'"` or `method.request.header.Y`. */
export const integrationHeaders = (mapping: Mapping | undefined, request: Headers): Headers =>
  mappedHeaders(mapping, /^integration\.request\.header\.(.+)$/, (source) =>
    headerOf(source, /^method\.request\.header\.(.+)$/, request),
  );

/** `method.response.header.X: "'value'"` or `integration.response.header.Y`. */
export const responseHeaders = (mapping: Mapping | undefined, integration: Headers): Headers =>
  mappedHeaders(mapping, /^method\.response\.header\.(.+)$/, (source) =>
    headerOf(source, /^integration\.response\.header\.(.+)$/, integration),
  );

/** `gatewayresponse.header.X: "'value'"` or `method.request.header.Y`. */
export const gatewayResponseHeaders = (mapping: Mapping | undefined, request: Headers): Headers =>
  mappedHeaders(mapping, /^gatewayresponse\.header\.(.+)$/, (source) =>
    headerOf(source, /^method\.request\.header\.(.+)$/, request),
  );

const headerOf = (source: string, pattern: RegExp, headers: Headers): string | undefined => {
  const name = pattern.exec(source)?.[1];
  return name === undefined ? undefined : headers[name.toLowerCase()];
};
