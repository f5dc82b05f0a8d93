import type { Fault, Rule } from '../rule';
import { isObject, resourcesOf, values, type GuardedTemplate, type Properties } from '../template';

interface Document {
  readonly at: string;
  readonly body: Properties;
}

const documents = (template: GuardedTemplate): readonly Document[] =>
  resourcesOf(template, 'AWS::ApiGateway::RestApi').flatMap(({ id, properties }) =>
    isObject(properties['Body']) ? [{ at: `/${id}/Body`, body: properties['Body'] }] : [],
  );

const notes =
  'https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html';
const reference =
  'https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html';
const quotas =
  'https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html';

const maxResources = 300;

/** Limits the resources of an API: each segment of a path is one, and so is the root. */
export const apiResources: Rule = {
  name: 'api-resources',
  source: quotas,
  *check(template) {
    for (const { at, body } of documents(template)) {
      const resources = new Set(['/']);
      for (const path of Object.keys(body['paths'] ?? {})) {
        const steps = path.split('/').slice(1);
        steps.forEach((_, index) => resources.add(`/${steps.slice(0, index + 1).join('/')}`));
      }
      if (resources.size > maxResources)
        yield {
          at: `${at}/paths`,
          says: `${resources.size} resources; an API has ${maxResources}`,
        };
    }
  },
};

/** Keywords that the import keeps and the validator checks. */
const modelKeywords: ReadonlySet<string> = new Set([
  '$ref',
  'type',
  'title',
  'description',
  'enum',
  'properties',
  'required',
  'items',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'multipleOf',
  'uniqueItems',
]);

const ignoredKeywords: ReadonlySet<string> = new Set(['minItems', 'maxItems']);

function* schemaFaults(schema: unknown, at: string): Generator<Fault> {
  if (!isObject(schema)) return;
  for (const [keyword, value] of Object.entries(schema)) {
    const here = `${at}/${keyword}`;
    if (ignoredKeywords.has(keyword)) yield { at: here, says: `the import passes over ${keyword}` };
    else if (!modelKeywords.has(keyword))
      yield {
        at: here,
        says: `models do not know ${keyword}: the import refuses it or passes over it`,
      };
    if (keyword === 'type' && typeof value !== 'string')
      yield { at: here, says: 'OpenAPI 3.0 has one type, and no list of them' };
    if (keyword === 'type' && value === 'null')
      yield { at: here, says: 'OpenAPI 3.0 has no type null' };
  }
  const { properties, items } = schema;
  if (isObject(properties))
    for (const [name, child] of Object.entries(properties))
      yield* schemaFaults(child, `${at}/properties/${name}`);
  if (items !== undefined) yield* schemaFaults(items, `${at}/items`);
}

const schemasOf = (body: Properties): Properties =>
  ((body['components'] as Properties | undefined)?.['schemas'] ?? {}) as Properties;

export const modelKeywordsKnown: Rule = {
  name: 'model-keywords',
  source: notes,
  *check(template) {
    for (const { at, body } of documents(template))
      for (const [name, schema] of Object.entries(schemasOf(body)))
        yield* schemaFaults(schema, `${at}/components/schemas/${name}`);
  },
};

const maxModels = 400;

export const modelNames: Rule = {
  name: 'model-names',
  source: notes,
  *check(template) {
    for (const { at, body } of documents(template)) {
      const names = Object.keys(schemasOf(body));
      for (const name of names)
        if (!/^[A-Za-z0-9]+$/.test(name))
          yield {
            at: `${at}/components/schemas/${name}`,
            says: 'names of models are letters and digits',
          };
      if (names.length > maxModels)
        yield {
          at: `${at}/components/schemas`,
          says: `${names.length} models; an API has ${maxModels} (${quotas})`,
        };
    }
  },
};

/**
 * Yields the mapping templates of integrations. Those of gateway responses are left out, because they support no VTL.
 */
function* mappingTemplates({ at, body }: Document): Generator<{ at: string; text: string }> {
  for (const { pointer, value } of values(body['paths'], `${at}/paths`))
    if (
      typeof value === 'string' &&
      /\/(?:requestTemplates|responseTemplates)\/[^/]*\/?[^/]*$/.test(pointer)
    )
      yield { at: pointer, text: value };
    else if (isObject(value) && 'Fn::Join' in value) yield { at: pointer, text: joined(value) };
}

/** Joins a text that contains references. These only matter by their length here. */
const joined = (value: Properties): string => {
  const [separator, parts] = value['Fn::Join'] as [string, readonly unknown[]];
  return parts.map((part) => (typeof part === 'string' ? part : 'x'.repeat(64))).join(separator);
};

const maxTemplateBytes = 300 * 1024;

export const mappingTemplateSize: Rule = {
  name: 'mapping-template-size',
  source: quotas,
  *check(template) {
    for (const document of documents(template))
      for (const { at, text } of mappingTemplates(document))
        if (Buffer.byteLength(text) > maxTemplateBytes)
          yield {
            at,
            says: `${Buffer.byteLength(text)} bytes; a mapping template takes ${maxTemplateBytes}`,
          };
  },
};

const functions: Readonly<Record<string, ReadonlySet<string>>> = {
  util: new Set([
    'escapeJavaScript',
    'parseJson',
    'urlEncode',
    'urlDecode',
    'base64Encode',
    'base64Decode',
  ]),
  input: new Set(['body', 'json', 'path', 'params']),
};

const directives: ReadonlySet<string> = new Set([
  'set',
  'if',
  'elseif',
  'else',
  'end',
  'foreach',
  'break',
  'stop',
]);

export const templateFunctions: Rule = {
  name: 'vtl-functions',
  source: reference,
  *check(template) {
    for (const document of documents(template))
      for (const { at, text } of mappingTemplates(document)) {
        for (const [, variable = '', name = ''] of text.matchAll(/\$!?\{?(util|input)\.(\w+)/g))
          if (!functions[variable]?.has(name))
            yield { at, says: `API Gateway has no $${variable}.${name}` };
        for (const [, name = ''] of text.matchAll(/#\{?([a-z]+)\b/g))
          if (!directives.has(name)) yield { at, says: `API Gateway has no directive #${name}` };
      }
  },
};

export const headerNames: Rule = {
  name: 'header-names',
  source: 'https://velocity.apache.org/engine/2.0/upgrading.html',
  *check(template) {
    for (const document of documents(template)) {
      for (const { at, text } of mappingTemplates(document))
        for (const [found] of text.matchAll(/Override\.header\.\w+-[\w-]+/g))
          yield {
            at,
            says: `${found}: a hyphen is no part of a name in Velocity 2; write header["…"]`,
          };
      for (const { pointer, value } of values(document.body, document.at))
        if (/\/(?:requestParameters|responseParameters)$/.test(pointer) && isObject(value))
          for (const name of Object.keys(value)) {
            const [, header] = /\.header\.(.*)$/.exec(name) ?? [];
            if (header !== undefined && !/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(header))
              yield { at: `${pointer}/${name}`, says: `"${header}" is no header name (RFC 9110)` };
          }
    }
  },
};

/**
 * Checks that integrations answer only with statuses and headers that their method declares, because others make the
 * import fail.
 */
export const methodResponses: Rule = {
  name: 'method-responses',
  source:
    'https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html',
  *check(template) {
    for (const { at, body } of documents(template))
      for (const { pointer, value } of values(body['paths'], `${at}/paths`)) {
        const integration = isObject(value) && value['x-amazon-apigateway-integration'];
        if (!isObject(integration) || !isObject(value)) continue;
        const declared = (value['responses'] ?? {}) as Readonly<
          Record<string, { readonly headers?: Readonly<Record<string, unknown>> }>
        >;
        for (const { statusCode, responseParameters = {} } of Object.values(
          (integration['responses'] ?? {}) as Readonly<
            Record<
              string,
              { readonly statusCode: string; readonly responseParameters?: Properties }
            >
          >,
        )) {
          const response = declared[statusCode];
          if (!response) {
            yield {
              at: pointer,
              says: `its integration answers ${statusCode}, which the method has not`,
            };
            continue;
          }
          const headers = Object.keys(response.headers ?? {});
          for (const parameter of Object.keys(responseParameters)) {
            const header = parameter.replace(/^method\.response\.header\./, '');
            if (!headers.includes(header))
              yield {
                at: pointer,
                says: `its integration sets ${header}, which the response ${statusCode} has not`,
              };
          }
        }
      }
  },
};

const proxies: ReadonlySet<unknown> = new Set(['http_proxy', 'aws_proxy']);

/**
 * Checks that an API which passes answers on takes every media type for bytes. Others are read as UTF-8 text, which
 * destroys compressed answers and Arrow's, and nothing reports it.
 */
export const passedOnBytes: Rule = {
  name: 'passed-on-bytes',
  source:
    'https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html',
  *check(template) {
    for (const { at, body } of documents(template)) {
      const types = body['x-amazon-apigateway-binary-media-types'];
      if (Array.isArray(types) && types.includes('*/*')) continue;
      for (const { pointer, value } of values(body['paths'], `${at}/paths`))
        if (pointer.endsWith('/x-amazon-apigateway-integration') && isObject(value))
          if (proxies.has(value['type']))
            yield { at: pointer, says: 'it passes answers on, and the API has no media type */*' };
    }
  },
};
