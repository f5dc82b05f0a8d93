import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { readBundledEventTypes } from '@sluice/event-schema/node';
import { fromProxyEvent, toProxyResult } from '@sluice/lambda-http';
import { createLookupApi } from './lookup-api';
import { lambdaTelemetry } from './telemetry';

const bucket = process.env['LAKE_BUCKET'];
if (!bucket)
  throw new Error('the environment variable LAKE_BUCKET is missing: the bucket of the lake');

const telemetry = lambdaTelemetry();

const lookupApi = createLookupApi({
  eventTypes: readBundledEventTypes(dirname(fileURLToPath(import.meta.url))),
  store: s3ObjectStore({ client: s3Client(), bucket }),
  onError: (error, request) => telemetry.failed(error, request),
  onLookup: ({ name }, costs) => telemetry.lookedUp(name, costs),
});

export const handler = async (
  event: APIGatewayProxyEvent,
  context: Context,
): Promise<APIGatewayProxyResult> => {
  telemetry.invocationBegins(event, context);
  return toProxyResult(await lookupApi(fromProxyEvent(event)));
};
