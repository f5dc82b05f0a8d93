/** The emulated part of an OpenAPI document with API Gateway's extensions. */
export interface RestApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components?: {
    readonly schemas?: Readonly<Record<string, unknown>>;
    readonly securitySchemes?: Readonly<Record<string, SecurityScheme>>;
  };
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly 'x-amazon-apigateway-request-validators'?: Readonly<Record<string, RequestValidator>>;
  readonly 'x-amazon-apigateway-request-validator'?: string;
  readonly 'x-amazon-apigateway-gateway-responses'?: Readonly<Record<string, GatewayResponse>>;
  readonly 'x-amazon-apigateway-binary-media-types'?: readonly string[];
}

export interface SecurityScheme {
  readonly type: string;
  readonly name?: string;
  readonly in?: string;
  readonly 'x-amazon-apigateway-authtype'?: string;
}

export interface RequestValidator {
  readonly validateRequestBody?: boolean;
  readonly validateRequestParameters?: boolean;
}

export interface GatewayResponse {
  readonly statusCode?: string | number;
  readonly responseParameters?: Readonly<Record<string, string>>;
  readonly responseTemplates?: Readonly<Record<string, string>>;
}

export interface Operation {
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content?: Readonly<Record<string, { readonly schema?: unknown }>>;
  };
  readonly 'x-amazon-apigateway-request-validator'?: string;
  readonly 'x-amazon-apigateway-integration'?: Integration;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
}

export interface Integration {
  readonly type: string;
  readonly uri?: string;
  /** ARN of the role with which the integration calls a service. */
  readonly credentials?: string;
  readonly httpMethod?: string;
  readonly passthroughBehavior?: string;
  readonly timeoutInMillis?: number;
  readonly requestParameters?: Readonly<Record<string, string>>;
  readonly requestTemplates?: Readonly<Record<string, string>>;
  readonly responses?: Readonly<Record<string, IntegrationResponse>>;
}

export interface IntegrationResponse {
  readonly statusCode: string | number;
  readonly responseParameters?: Readonly<Record<string, string>>;
  readonly responseTemplates?: Readonly<Record<string, string>>;
}

/** Error for a document that can't be served; the message says where and why. */
export class RestApiDocumentError extends Error {
  override readonly name = 'RestApiDocumentError';
}

const methodNames: ReadonlySet<string> = new Set([
  'get',
  'head',
  'post',
  'put',
  'patch',
  'delete',
  'options',
]);

const anyMethod = 'x-amazon-apigateway-any-method';

export interface DocumentedMethod {
  /** Path as the document writes it: `/v1/events/{event_type}`. */
  readonly path: string;
  /** Method in upper case; `ANY` for the catch-all of a path. */
  readonly httpMethod: string;
  readonly operation: Operation;
}

/** Returns all operations of a document, in the document's order. */
export const documentedMethods = (document: RestApiDocument): readonly DocumentedMethod[] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([name]) => methodNames.has(name) || name === anyMethod)
      .map(([name, operation]) => ({
        path,
        httpMethod: name === anyMethod ? 'ANY' : name.toUpperCase(),
        operation: operation as Operation,
      })),
  );
