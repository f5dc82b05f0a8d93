import { GatewayFault } from './gateway-fault';
import { MappingTemplate } from './mapping-template';
import { integrationHeaders, responseHeaders, type HeaderMapping } from './parameter-mapping';
import { requestModel, type BodyValidator } from './request-validation';
import {
  RestApiDocumentError,
  type DocumentedMethod,
  type Integration,
  type RestApiDocument,
} from './rest-api-document';

/** One method of the API, with its templates, models and patterns compiled. */
export interface GatewayMethod {
  /** Path as the document writes it: `/v1/events/{event_type}`. */
  readonly resourcePath: string;
  readonly httpMethod: string;
  readonly needsApiKey: boolean;
  readonly needsSignature: boolean;
  /** Body validators by content type; a type without a model is not checked. */
  readonly validators: ReadonlyMap<string, BodyValidator>;
  readonly requiredParameters: readonly { readonly name: string; readonly in: string }[];
  readonly integration: Integration;
  /** Action of Kinesis, such as `PutRecord`, that the integration calls; undefined where it calls none. */
  readonly kinesisAction: string | undefined;
  readonly integrationHeaders: HeaderMapping;
  readonly requestTemplates: ReadonlyMap<string, MappingTemplate>;
  readonly responses: readonly CompiledResponse[];
}

export interface CompiledResponse {
  /** Matches the whole status of the integration; undefined for the default response. */
  readonly pattern: RegExp | undefined;
  readonly statusCode: number;
  readonly headers: HeaderMapping;
  readonly template: MappingTemplate | undefined;
}

/** Compiles a method. @throws RestApiDocumentError naming the method */
export function compileMethod(
  document: RestApiDocument,
  { path, httpMethod, operation }: DocumentedMethod,
): GatewayMethod {
  const where = `${httpMethod} ${path}`;
  const integration = operation['x-amazon-apigateway-integration'];
  if (!integration)
    throw new RestApiDocumentError(`${where} has no x-amazon-apigateway-integration`);
  const unknown = beyondEmulation(integration);
  if (unknown !== undefined)
    throw new RestApiDocumentError(`${where} has ${unknown}, which is not emulated`);
  const schemes = Object.assign({}, ...(operation.security ?? document.security ?? [])) as Record<
    string,
    unknown
  >;
  const scheme = (name: string) => document.components?.securitySchemes?.[name];
  const validator = requestValidator(document, operation['x-amazon-apigateway-request-validator']);
  const compiled = <T>(what: string, compile: () => T): T => {
    try {
      return compile();
    } catch (cause) {
      throw new RestApiDocumentError(`${where} has ${what}: ${(cause as Error).message}`, {
        cause,
      });
    }
  };
  const mappingTemplate = (text: string): MappingTemplate =>
    compiled('a mapping template that is not VTL', () => new MappingTemplate(text));
  const model = (schema: unknown): BodyValidator =>
    compiled('a request model that is not JSON Schema draft 4', () =>
      requestModel(schema, document.components?.schemas),
    );
  return {
    resourcePath: path,
    httpMethod,
    needsApiKey: Object.keys(schemes).some((name) => scheme(name)?.name === 'x-api-key'),
    needsSignature: Object.keys(schemes).some(
      (name) => scheme(name)?.['x-amazon-apigateway-authtype'] === 'awsSigv4',
    ),
    validators: new Map(
      validator?.validateRequestBody
        ? Object.entries(operation.requestBody?.content ?? {})
            .filter(([, { schema }]) => schema !== undefined)
            .map(([type, { schema }]) => [type, model(schema)])
        : [],
    ),
    requiredParameters: validator?.validateRequestParameters
      ? (operation.parameters ?? []).filter(({ required }) => required)
      : [],
    integration,
    kinesisAction: /:kinesis:action\/(\w+)$/.exec(integration.uri ?? '')?.[1],
    integrationHeaders: integrationHeaders(integration.requestParameters),
    requestTemplates: new Map(
      Object.entries(integration.requestTemplates ?? {}).map(([type, text]) => [
        type,
        mappingTemplate(text),
      ]),
    ),
    responses: Object.entries(integration.responses ?? {}).map(([pattern, response]) => {
      const text = response.responseTemplates?.['application/json'];
      return {
        pattern: pattern === 'default' ? undefined : new RegExp(`^(?:${pattern})$`),
        statusCode: Number(response.statusCode),
        headers: responseHeaders(response.responseParameters),
        template: text === undefined ? undefined : mappingTemplate(text),
      };
    }),
  };
}

const emulatedTypes: ReadonlySet<string> = new Set(['aws', 'aws_proxy', 'mock']);
const emulatedTarget = /^(?:integration\.request|method\.response)\.header\./;
const emulatedSource = /^'.*'$|^(?:method\.request|integration\.response)\.header\./s;

/**
 * Returns the first setting of an integration that the emulation does not support and would otherwise ignore;
 * undefined if there is none.
 */
function beyondEmulation({
  type,
  uri = '',
  requestParameters,
  responses,
}: Integration): string | undefined {
  const kind = type.toLowerCase();
  if (!emulatedTypes.has(kind)) return `an integration of the type "${type}"`;
  if (kind === 'aws' && !uri.includes(':kinesis:action/')) return `the integration "${uri}"`;
  if (kind === 'aws_proxy' && !uri.includes(':lambda:path/')) return `the integration "${uri}"`;
  const mappings = [
    requestParameters,
    ...Object.values(responses ?? {}).map(({ responseParameters }) => responseParameters),
  ].flatMap((mapping) => Object.entries(mapping ?? {}));
  const other = mappings.find(
    ([target, source]) => !emulatedTarget.test(target) || !emulatedSource.test(source),
  );
  return other && `the parameter mapping "${other.join(': ')}"`;
}

function requestValidator(document: RestApiDocument, name: string | undefined) {
  const chosen = name ?? document['x-amazon-apigateway-request-validator'];
  return chosen === undefined
    ? undefined
    : document['x-amazon-apigateway-request-validators']?.[chosen];
}

/** Returns a media type without its parameters; JSON where the header is missing. */
export const mediaType = (header: string | undefined): string => {
  const type = header?.split(';')[0]?.trim().toLowerCase() ?? '';
  return type === '' ? 'application/json' : type;
};

/**
 * Returns the template for a content type; undefined where the body is passed through unchanged.
 *
 * @throws GatewayFault UNSUPPORTED_MEDIA_TYPE as `passthroughBehavior` says (integration-passthrough-behaviors.html)
 */
export function requestTemplate(
  { requestTemplates, integration }: GatewayMethod,
  contentType: string,
): MappingTemplate | undefined {
  const template = requestTemplates.get(contentType);
  if (template) return template;
  const behavior = (integration.passthroughBehavior ?? 'when_no_match').toLowerCase();
  const mayPass =
    behavior === 'when_no_match' ||
    (behavior === 'when_no_templates' && requestTemplates.size === 0);
  if (!mayPass) throw new GatewayFault('UNSUPPORTED_MEDIA_TYPE');
  return undefined;
}

/** Returns the integration response whose pattern matches a status, else the default. */
export const integrationResponse = (
  { responses }: GatewayMethod,
  status: number,
): CompiledResponse | undefined =>
  responses.find(({ pattern }) => pattern?.test(String(status))) ??
  responses.find(({ pattern }) => pattern === undefined);
