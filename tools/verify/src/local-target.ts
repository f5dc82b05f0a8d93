import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { kinesisClient, s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { athenaClient } from '@sluice/aws-clients/analytics';
import { glueTables } from '@sluice/aws-clients/glue';
import { secretReader } from '@sluice/aws-clients/secrets';
import { shippedEventTypes } from '@sluice/event-types';
import { readEventTypes } from '@sluice/event-schema/node';
import type { Endpoints } from '@sluice/lake';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { lakeDatabase, stageOfBucket } from '@sluice/lake-layout';
import { lambdaClient } from './lambda-client';
import { scopedKeysOf } from './scoped-keys';
import { TargetError, type Target } from './target';

/**
 * Returns a running local stack as a target, from the `endpoints.json` that it wrote. Inferred event types are stored
 * beside that file.
 *
 * @param deliveryMs longest time from a post to its row, in milliseconds
 * @throws {@link TargetError}
 */
export function localTarget(endpointsFile: string, { deliveryMs }: { deliveryMs: number }): Target {
  const endpoints = readEndpoints(endpointsFile);
  const { apiKey, bucket, region, accessKeyId, secretAccessKey } = endpoints;
  const stage = stageOfBucket(bucket);
  if (stage === undefined)
    throw new TargetError(`the bucket ${bucket} of ${endpointsFile} is none of a stage's lake`);
  const who = { region, credentials: { accessKeyId, secretAccessKey } };
  const definitions =
    process.env['SLUICE_EVENTS_DIR'] ?? dataDirectory(dirname(endpointsFile)).definitions;
  return {
    name: `local stack of ${dirname(endpointsFile)}`,
    stage,
    isLocal: true,
    ingest: { url: endpoints.ingest, apiKey },
    lookup: { url: endpoints.lookup, apiKey },
    analytics: { url: endpoints.analytics, apiKey },
    operations: { url: endpoints.operations, apiKey },
    // Its token stands behind the slash.
    consoleUrl: endpoints.console?.replace(/\/#.*$/, ''),
    bucket,
    store: s3ObjectStore({ client: s3Client({ ...who, endpoint: endpoints.s3 }), bucket }),
    kinesis: kinesisClient({ ...who, endpoint: endpoints.kinesis, maxAttempts: 1 }),
    lambda: lambdaClient({ ...who, endpoint: endpoints.lambda, maxAttempts: 1 }),
    athena: athenaClient({ ...who, endpoint: endpoints.athena }),
    glue: glueTables(lakeDatabase(stage), { ...who, endpoint: endpoints.glue }),
    eventTypes: [...shippedEventTypes, ...readEventTypes(definitions)],
    scopedKeys: scopedKeysOf(definitions, (name) => endpoints.scopedApiKeys?.[name]),
    readSecret: secretReader({ ...who, endpoint: endpoints.secretsManager }),
    waits: { deliveryMs, pollMs: 250 },
  };
}

type NeededEndpoints = Required<
  Omit<Endpoints, 'console' | 'icebergCatalog' | 'traces' | 'scopedApiKeys'>
> &
  Pick<Endpoints, 'console' | 'scopedApiKeys'>;

function readEndpoints(file: string): NeededEndpoints {
  let endpoints: Partial<Endpoints>;
  try {
    endpoints = JSON.parse(readFileSync(file, 'utf8')) as Partial<Endpoints>;
  } catch (error) {
    throw new TargetError(
      `${file} can't be read: ${(error as Error).message}; npm start writes it as <data-dir>/endpoints.json`,
    );
  }
  const needed = [
    ...(['ingest', 'lookup', 'analytics', 'operations', 's3', 'kinesis'] as const),
    ...(['athena', 'glue', 'lambda', 'secretsManager'] as const),
    ...(['bucket', 'region', 'accessKeyId', 'secretAccessKey', 'apiKey'] as const),
  ];
  const missing = needed.filter((name) => typeof endpoints[name] !== 'string');
  if (missing.length > 0) throw new TargetError(`${file} names no ${missing.join(', ')}`);
  return endpoints as NeededEndpoints;
}
