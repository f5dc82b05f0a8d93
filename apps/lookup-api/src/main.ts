import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Logger } from '@aws-lambda-powertools/logger';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { readBundledEventTypes } from '@sluice/event-schema/node';
import { fromProxyEvent, toProxyResult } from '@sluice/http-api';
import { createLookupApi } from './lookup-api';

const bucket = process.env['LAKE_BUCKET'];
if (!bucket)
  throw new Error('the environment variable LAKE_BUCKET is missing: the bucket of the lake');

const logger = new Logger({ serviceName: 'lookup-api' });

const lookupApi = createLookupApi({
  eventTypes: readBundledEventTypes(dirname(fileURLToPath(import.meta.url))),
  store: s3ObjectStore({ client: s3Client(), bucket }),
  onError: (error, { method, path }) =>
    logger.error('look-up failed', { error: error as Error, method, path }),
});

export const handler = async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> =>
  toProxyResult(await lookupApi(fromProxyEvent(event)));
