import { randomUUID } from 'node:crypto';
import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { bundleFolder, requiredVariables } from '@sluice/aws-clients/environment';
import { startFunction } from '@sluice/aws-clients/functions';
import { secretReader } from '@sluice/aws-clients/secrets';
import {
  readBundledEventTypes,
  readBundledReferences,
  readBundledScopes,
} from '@sluice/event-schema/node';
import { readHashKeys } from '@sluice/privacy';
import { functionTraces } from '@sluice/traces/function';
import { operationsHandler } from './handler';
import { lambdaTelemetry } from './telemetry';

const { LAKE_BUCKET, REPLAY_FUNCTION, COMPACT_FUNCTION } = requiredVariables({
  LAKE_BUCKET: 'the bucket of the lake',
  REPLAY_FUNCTION: 'the function that sends failed records again',
  COMPACT_FUNCTION: 'the function that compacts',
});
const start = startFunction();
const readSecret = secretReader();
const telemetry = lambdaTelemetry();
const keysOf = (secret: string) => async () => readHashKeys(await readSecret(secret));
/** Set where an event type has a subject. */
const { ERASE_FUNCTION, LEDGER_SECRET, HASH_SECRET } = process.env;

export const handler = operationsHandler({
  eventTypes: readBundledEventTypes(bundleFolder()),
  references: readBundledReferences(bundleFolder()),
  store: s3ObjectStore({ client: s3Client(), bucket: LAKE_BUCKET }),
  startWork: {
    replays: (request) => start(REPLAY_FUNCTION, request),
    compactions: (request) => start(COMPACT_FUNCTION, request),
  },
  ...(ERASE_FUNCTION &&
    LEDGER_SECRET && {
      erasing: {
        start: (request: object) => start(ERASE_FUNCTION, request),
        readLedgerKeys: keysOf(LEDGER_SECRET),
        ...(HASH_SECRET && { readHashKeys: keysOf(HASH_SECRET) }),
      },
    }),
  // Set where a column is restricted, or a key has its own scopes.
  scopesOf: readBundledScopes(bundleFolder(), process.env['API_KEYS']),
  newId: randomUUID,
  telemetry,
  traces: functionTraces({
    service: 'operations',
    readSecret,
    telemetry,
  }),
});
