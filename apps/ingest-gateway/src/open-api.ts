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

/** The document as clients see it: nothing of how it is served, so no ARN, stream or template. */
export const publicDocument = (document: OpenApiDocument): OpenApiDocument =>
  withoutAmazonMembers(document) as OpenApiDocument;

function withoutAmazonMembers(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(withoutAmazonMembers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject)
      .filter((entry): entry is [string, Json] => entry[1] !== undefined)
      .filter(([name]) => !name.startsWith('x-amazon-'))
      .map(([name, child]) => [name, withoutAmazonMembers(child)]),
  );
}
