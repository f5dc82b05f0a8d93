// A separate entry point (@sluice/lambda-http/self-description): an API's description of itself, served without its
// function.
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

/** An OpenAPI 3.0 document. Only API Gateway reads its `x-amazon-apigateway-…` members. */
interface Document {
  readonly info: { readonly title: string };
  readonly paths: Readonly<Record<string, JsonObject>>;
}

/** Largest size of a mapping template, in bytes (developer guide: api-gateway-known-issues, REST APIs). */
export const maxTemplateBytes = 300 * 1024;

/**
 * Returns a line of JSON that a mapping template can hold unchanged: ASCII, and without `$` and `#`, which VTL would
 * interpret. In JSON these occur only within strings, where `\u0024` and `\u0023` mean the same.
 */
export const staticJson = (value: unknown): string =>
  `${JSON.stringify(value).replace(/[$#\u007f-\uffff]/g, unicodeEscape)}\n`;

const unicodeEscape = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Returns a document as clients see it: without ARNs, streams, templates or anything else about how it is served. */
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

/** Returns the answer of an API's root: what the API is, where its document lies, and which paths it has. */
function apiIndex({ info, paths }: Document): JsonObject {
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
 * Returns the document with three more paths, which API Gateway answers by itself: `/v1/openapi.json` is the document
 * as clients see it; `/` and `/v1` list what the API offers.
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
