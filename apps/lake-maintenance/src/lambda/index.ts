import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Logger } from '@aws-lambda-powertools/logger';
import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { readBundledEventTypes } from '@sluice/event-schema/node';
import type { Context } from 'aws-lambda';
import { maintain, type MaintenanceSummary } from '../handler';
import { parquetThread } from '../compaction/parquet-thread';
import { readFromKinesis } from '../replay/read-from-kinesis';
import { sendToKinesis } from '../replay/send-to-kinesis';

const logger = new Logger({ serviceName: 'lake-maintenance' });

const requiredVariable = (name: string): string => {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`environment variable ${name} is not set`);
};

const bucket = requiredVariable('LAKE_BUCKET');
const store = s3ObjectStore({ client: s3Client(), bucket });
const send = sendToKinesis({ streamPrefix: requiredVariable('STREAM_PREFIX') });
const readStream = readFromKinesis({ streamPrefix: requiredVariable('STREAM_PREFIX') });
const codec = parquetThread(pathToFileURL(join(__dirname, 'parquet-worker.mjs')));
const done = new Map<string, string>();
const eventTypes = readBundledEventTypes(process.env['LAMBDA_TASK_ROOT'] ?? __dirname);

/** Kept back of the function's time for the step that is under way. */
const reservedMs = 120_000;

export const handler = async (event: unknown, context: Context): Promise<MaintenanceSummary> => {
  const remainingMs = context.getRemainingTimeInMillis();
  const deadlineMs = Date.now() + Math.max(remainingMs - reservedMs, remainingMs / 2);
  const summary = await maintain(event, deadlineMs, {
    store,
    bucket,
    send,
    readStream,
    eventTypes,
    codec,
    done,
  });
  log(summary);
  return summary;
};

function log(summary: MaintenanceSummary): void {
  if (summary.action === 'replay') {
    logger.info('replayed', { ...summary });
    return;
  }
  if (summary.action === 'sweep-results') {
    logger.info('swept results', { ...summary });
    return;
  }
  for (const { table, unreadable, unnamed } of summary.changedDefinitions)
    logger[unreadable.length > 0 ? 'error' : 'warn'](
      'a definition has changed over stored rows; what it does not name stays in "unmapped"',
      { table, unreadable, unnamed },
    );
  for (const day of summary.days) {
    logger.info('compacted', { ...day, refused: day.refused.length });
    for (const refused of day.refused) logger.error('can not read a raw file', { ...refused });
  }
}
