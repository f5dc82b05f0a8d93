import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { kinesisClient, s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { bundleFolder, requiredVariables } from '@sluice/aws-clients/environment';
import { glueTables } from '@sluice/aws-clients/glue';
import { s3NoncurrentVersions } from '@sluice/aws-clients/noncurrent-versions';
import { secretReader } from '@sluice/aws-clients/secrets';
import { readBundledEventTypes, readBundledReferences } from '@sluice/event-schema/node';
import { readHashKeys, type HashKeys } from '@sluice/privacy';
import { readFromKinesis, sendToKinesis } from '@sluice/failed-records/replay';
import { functionTraces } from '@sluice/traces/function';
import { parquetThread } from './compaction/parquet-thread';
import { maintenanceHandler } from './handler';
import { GluePointer } from './publishing/glue-pointer';
import { lambdaTelemetry } from './telemetry';

const { LAKE_BUCKET: bucket, STREAM_PREFIX: streamPrefix } = requiredVariables({
  LAKE_BUCKET: 'the bucket of the lake',
  STREAM_PREFIX: 'what the name of every stream begins with, up to the name of its table',
});
const readSecret = secretReader();
const keysOf = (secret: string) => async (): Promise<HashKeys> =>
  readHashKeys(await readSecret(secret));
/** Set for the function that carries out erasures. */
const { LEDGER_SECRET, HASH_SECRET, STREAM_RETENTION_HOURS } = process.env;
/** Set for the functions that publish tables. */
const { GLUE_DATABASE, SNAPSHOT_DAYS, MIN_SNAPSHOTS } = process.env;
const streams = { client: kinesisClient(), streamPrefix };

const client = s3Client();
const telemetry = lambdaTelemetry();
const traces = functionTraces({
  service: 'lake-maintenance',
  readSecret,
  telemetry,
});

export const handler = maintenanceHandler({
  store: s3ObjectStore({ client, bucket }),
  bucket,
  send: sendToKinesis(streams),
  readStream: readFromKinesis(streams),
  ...(process.env['ERROR_SECRET'] && { readErrorKeys: keysOf(process.env['ERROR_SECRET']) }),
  ...(LEDGER_SECRET && {
    erasing: {
      readLedgerKeys: keysOf(LEDGER_SECRET),
      ...(HASH_SECRET && { readHashKeys: keysOf(HASH_SECRET) }),
      versions: s3NoncurrentVersions({ client, bucket }),
      streamRetentionMs: Number(STREAM_RETENTION_HOURS ?? 24) * 3_600_000,
    },
  }),
  publishing: {
    ...(GLUE_DATABASE && { catalog: new GluePointer(glueTables(GLUE_DATABASE)) }),
    ...(SNAPSHOT_DAYS && {
      retentionSetting: {
        maxAgeMs: Number(SNAPSHOT_DAYS) * 86_400_000,
        minSnapshots: Number(MIN_SNAPSHOTS ?? 1),
      },
    }),
  },
  eventTypes: readBundledEventTypes(bundleFolder()),
  references: readBundledReferences(bundleFolder()),
  joinsOf: JSON.parse(
    readFileSync(join(bundleFolder(), 'joins-by-table.json'), 'utf8'),
  ) as Readonly<Record<string, readonly string[]>>,
  codec: parquetThread(pathToFileURL(join(bundleFolder(), 'parquet-worker.mjs'))),
  ...(traces && {
    traces: {
      send: traces.send,
      onFailure: (error: unknown, table: string) => telemetry.deliverySpansFailed(error, table),
    },
  }),
  telemetry,
});
