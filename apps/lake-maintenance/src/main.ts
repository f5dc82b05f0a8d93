import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { kinesisClient, s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { bundleFolder, requiredVariables } from '@sluice/aws-clients/environment';
import { readBundledEventTypes } from '@sluice/event-schema/node';
import { readFromKinesis, sendToKinesis } from '@sluice/failed-records/replay';
import { parquetThread } from './compaction/parquet-thread';
import { maintenanceHandler } from './handler';
import { lambdaTelemetry } from './telemetry';

const { LAKE_BUCKET: bucket, STREAM_PREFIX: streamPrefix } = requiredVariables({
  LAKE_BUCKET: 'the bucket of the lake',
  STREAM_PREFIX: 'what the name of every stream begins with, up to the name of its table',
});
const streams = { client: kinesisClient(), streamPrefix };

export const handler = maintenanceHandler({
  store: s3ObjectStore({ client: s3Client(), bucket }),
  bucket,
  send: sendToKinesis(streams),
  readStream: readFromKinesis(streams),
  eventTypes: readBundledEventTypes(bundleFolder()),
  codec: parquetThread(pathToFileURL(join(bundleFolder(), 'parquet-worker.mjs'))),
  telemetry: lambdaTelemetry(),
});
