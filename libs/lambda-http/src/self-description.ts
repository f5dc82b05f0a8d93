// A separate entry point (@sluice/lambda-http/self-description): what an API says of itself, without its function.
import {
  corsHeaders,
  everyOrigin,
  headerDocs,
  mockIntegration,
  otherMediaType,
  preflight,
  problemAnswer,
  security,
} from './openapi';

/** Any JSON object. */
type JsonObject = Readonly<Record<string, unknown>>;

/** An OpenAPI 3.0 document. Its `x-amazon-apigateway-…` members are for API Gateway alone. */
interface Document {
  readonly info: { readonly title: string };
  readonly paths: Readonly<Record<string, JsonObject>>;
}

/** Bytes of a mapping template, at most (developer guide: api-gateway-known-issues, REST APIs). */
export const maxTemplateBytes = 300 * 1024;

/**
 * Returns a line of JSON that a mapping template can hold as it is: ASCII, and without `$` and `#`, which VTL would
 * read. In JSON they only occur within strings, where `\u0024` and `\u0023` mean the same.
 */
export const staticJson = (value: unknown): string =>
  `${JSON.stringify(value).replace(/[$#\u007f-\uffff]/g, unicodeEscape)}\n`;

const unicodeEscape = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Returns a document as clients see it: nothing of how it is served, so no ARN, stream or template. */
export function publicDocument<T>(document: T): T {
  return withoutAmazonMembers(document) as T;
}

function withoutAmazonMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAmazonMembers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, child]) => child !== undefined && !name.startsWith('x-amazon-'))
      .map(([name, child]) => [name, withoutAmazonMembers(child)]),
  );
}

/** Returns what the root of an API answers: what it is, where its document lies, what can be called. */
export function apiIndex({ info, paths }: Document): JsonObject {
  return {
    name: info.title,
    document: '/v1/openapi.json',
    operations: Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => method !== 'options' && method !== 'head')
        .map(([method, operation]) => {
          const { summary } = operation as { readonly summary?: string };
          return `${method.toUpperCase()} ${path}${summary === undefined ? '' : `: ${summary}`}`;
        }),
    ),
  };
}

/**
 * Returns the document with three more paths, answered by API Gateway itself without the function:
 * `/v1/openapi.json` is the document as clients see it, `/` and `/v1` say what there is.
 *
 * @throws where the document is longer than a mapping template may be
 */
export function selfDescribed<D extends Document>(document: D): D {
  const index = staticPath('describeApi', 'What there is', apiIndex(document));
  const self = staticPath('getDocument', 'This document', publicDocument(document));
  return {
    ...document,
    paths: {
      '/': index,
      // One operation id for each operation.
      '/v1': { ...index, get: { ...index.get, operationId: 'describeVersion' } },
      ...document.paths,
      '/v1/openapi.json': self,
    },
  };
}

/**
 * Returns a path whose GET always answers the same JSON, without the function.
 *
 * @throws where the body is longer than a mapping template may be
 */
export function staticPath(operationId: string, summary: string, body: unknown) {
  const template = staticJson(body);
  if (template.length > maxTemplateBytes)
    throw new Error(
      `${operationId} answers ${template.length} bytes, more than the ${maxTemplateBytes} of a mapping template`,
    );
  return {
    get: {
      operationId,
      summary,
      security,
      responses: {
        '200': {
          description: summary,
          headers: headerDocs(corsHeaders(everyOrigin)),
          content: { 'application/json': { schema: { type: 'object' } } },
        },
        '403': problemAnswer('No API key, or a wrong one.'),
        '415': otherMediaType,
        '429': problemAnswer('Too many requests; Retry-After says how many seconds to wait.'),
      },
      'x-amazon-apigateway-integration': mockIntegration({
        statusCode: 200,
        headers: corsHeaders(everyOrigin),
        template,
        isBinaryApi: true,
      }),
    },
    options: preflight({ methods: ['GET', 'OPTIONS'] }),
  };
}
