import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { kinesisClient, s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { tableName, type EventType } from '@sluice/event-schema';
import {
  EventsFolderError,
  namedEventsFolder,
  readFolderCatalog,
} from '@sluice/event-schema/folder';
import { shippedDefinitions } from '@sluice/event-types';
import { SingleBar } from 'cli-progress';
import { CommanderError } from 'commander';
import { parseReplayCommand, type ReplayCommand } from './replay-options';
import { renderReplayReport } from './render-replay-report';
import {
  readFromKinesis,
  type ReplayOptions,
  replayTable,
  sendToKinesis,
} from '@sluice/lake-maintenance';

/** A wrong request, told to the caller in one sentence. */
class UsageError extends Error {}

interface Target {
  readonly bucket: string;
  /** Additional event types. */
  readonly eventsDir: string | undefined;
}

/** Where the lake is: a local stack by what it wrote about itself, else AWS by the SDK's own environment. */
function findTarget({ dataDir, bucket = process.env['LAKE_BUCKET'] }: ReplayCommand): Target {
  const eventsDir = namedEventsFolder(process.env);
  if (dataDir === undefined) {
    if (bucket) return { bucket, eventsDir };
    throw new UsageError(
      'name the bucket of the lake with --bucket, or a local stack with --data-dir',
    );
  }
  let endpoints: Record<string, string>;
  try {
    endpoints = JSON.parse(
      readFileSync(dataDirectory(dataDir).endpointsFile, 'utf8'),
    ) as typeof endpoints;
  } catch {
    throw new UsageError(`no local stack runs on ${dataDir}: start it with npm start`);
  }
  const variables = {
    AWS_ENDPOINT_URL_S3: endpoints['s3'],
    AWS_ENDPOINT_URL_KINESIS: endpoints['kinesis'],
    AWS_REGION: endpoints['region'],
    AWS_ACCESS_KEY_ID: endpoints['accessKeyId'],
    AWS_SECRET_ACCESS_KEY: endpoints['secretAccessKey'],
  };
  for (const [name, value] of Object.entries(variables)) if (value) process.env[name] = value;
  return {
    bucket: endpoints['bucket'] ?? '',
    eventsDir: eventsDir ?? dataDirectory(dataDir).definitions,
  };
}

function findEventType(name: string, eventsDir: string | undefined): EventType {
  const { eventTypes } = readFolderCatalog(eventsDir, shippedDefinitions).catalog;
  const found = eventTypes.find((each) => each.name === name || tableName(each) === name);
  if (found) return found;
  const known = eventTypes.map((each) => each.name).join(', ');
  throw new UsageError(`there is no event type ${name}; there is ${known}`);
}

async function loadTransform(file: string): Promise<ReplayOptions['mend']> {
  const module = (await import(pathToFileURL(resolve(file)).href)) as { default?: unknown };
  const mend = module.default;
  if (typeof mend !== 'function')
    throw new UsageError(`${file} has no default export that is a function`);
  return async (bytes) => {
    const mended: unknown = await (mend as (bytes: Uint8Array) => unknown)(bytes);
    if (typeof mended === 'string') return new TextEncoder().encode(mended);
    if (mended === null || mended === undefined) return undefined;
    if (mended instanceof Uint8Array) return mended;
    throw new UsageError(`${file} gave a ${typeof mended}; it is to give bytes, text or nothing`);
  };
}

async function run(args: readonly string[]): Promise<void> {
  const command = parseReplayCommand(args);
  const { bucket, eventsDir } = findTarget(command);
  const { from, to, kind, dryRun, stage, transform } = command;
  const mend = transform === undefined ? undefined : await loadTransform(transform);
  const bar = process.stderr.isTTY
    ? new SingleBar({ format: 'replay {bar} {value}/{total} objects, {sent} records', barsize: 24 })
    : undefined;
  const report = await replayTable({
    store: s3ObjectStore({ client: s3Client(), bucket }),
    eventType: findEventType(command.event, eventsDir),
    send: sendToKinesis({ client: kinesisClient(), streamPrefix: `sluice-${stage}-` }),
    readStream: readFromKinesis({ client: kinesisClient(), streamPrefix: `sluice-${stage}-` }),
    from,
    to,
    dryRun,
    showBodies: dryRun,
    ...(kind && { kinds: [kind] }),
    ...(mend && { mend }),
    onProgress: ({ objectsDone, objects, sent }) => {
      if (!bar) return;
      if (objectsDone === 1) bar.start(objects, 0, { sent: 0 });
      bar.update(objectsDone, { sent });
    },
  });
  bar?.stop();
  console.log(renderReplayReport(report));
  if (!dryRun && report.left > 0) process.exitCode = 1;
}

/** A sentence where a person can do something about it, else the error with its stack. */
function forPeople(error: unknown): unknown {
  if (error instanceof UsageError || error instanceof EventsFolderError) return error.message;
  const { code, address, port } = (error ?? {}) as NodeJS.ErrnoException & {
    readonly address?: string;
    readonly port?: number;
  };
  return code === 'ECONNREFUSED'
    ? `nothing answers at ${address ?? 'the endpoint'}:${port ?? ''}: start the local stack on this data directory with npm start, and leave it running`
    : error;
}

run(process.argv.slice(2)).catch((error: unknown) => {
  // Commander has written its own sentence already.
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else {
    console.error(forPeople(error));
    process.exitCode = 1;
  }
});
