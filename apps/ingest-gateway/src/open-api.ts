/** JSON, in which a string may also be a token that the deployment resolves. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

/** An OpenAPI 3.0 document. Its `x-amazon-apigateway-…` members are for API Gateway alone. */
export interface OpenApiDocument extends JsonObject {
  readonly openapi: string;
  readonly paths: JsonObject;
}
