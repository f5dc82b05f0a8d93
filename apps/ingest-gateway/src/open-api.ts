/** A JSON value, in which a string may also be a token that the deployment resolves. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

/** An OpenAPI 3.0 document. Only API Gateway reads its `x-amazon-apigateway-…` members. */
export interface OpenApiDocument extends JsonObject {
  readonly openapi: string;
  readonly paths: JsonObject;
}
