import { bundleFolder, requiredVariables } from '@sluice/aws-clients/environment';
import { secretReader } from '@sluice/aws-clients/secrets';
import { hasSubject, isPrivate, tableName, type EventType } from '@sluice/event-schema';
import { readBundledEventTypes } from '@sluice/event-schema/node';
import { currentHash, readHashKeys } from '@sluice/privacy';
import { compileFlattener } from '@sluice/record-flattening';
import { functionTraces } from '@sluice/traces/function';
import { randomUUID } from 'node:crypto';
import { transformerHandler } from '../handler';
import { keepFailedSealed } from '../keep-failed';
import { lazyLakeObjects } from '../lake-objects';
import { putBackInto } from '../put-back';
import { suppressedPeople, type FindSuppressed } from '../suppressed-people';
import { sendRecordSpans, type SendRecordSpans } from '../send-record-spans';
import { lambdaTelemetry } from '../telemetry';
import { batchTransformer, type BatchTransformerOptions } from '../transform-batch';

const { EVENT_TYPE, STREAM_NAME } = requiredVariables({
  EVENT_TYPE: 'the name of the event type that the delivery stream carries',
  STREAM_NAME: 'the Kinesis stream that it reads',
});
const eventTypes = readBundledEventTypes(bundleFolder());
const eventType = eventTypes.find(({ name }) => name === EVENT_TYPE);
if (!eventType)
  throw new Error(
    `EVENT_TYPE is "${EVENT_TYPE}", but the bundle has ${eventTypes.map(({ name }) => name).join(', ')}`,
  );

/**
 * Reads the secrets of an event type with `privacy`. Without them the function does not start, so that nothing is
 * stored in clear.
 */
async function privacyOptions(
  privateType: EventType,
): Promise<Pick<BatchTransformerOptions, 'hash' | 'keepFailed'>> {
  const { HASH_SECRET, ERROR_SECRET, LAKE_BUCKET } = requiredVariables({
    HASH_SECRET: 'the name of the secret with the keys of the hashes',
    ERROR_SECRET: 'the name of the secret with the keys that failed records are sealed with',
    LAKE_BUCKET: 'the bucket of the lake, where failed records are kept',
  });
  const readSecret = secretReader();
  const [hashKeys, keys] = (
    await Promise.all([readSecret(HASH_SECRET), readSecret(ERROR_SECRET)])
  ).map(readHashKeys);
  if (!hashKeys || !keys) throw new Error('there are two secrets');
  return {
    hash: currentHash(hashKeys),
    keepFailed: keepFailedSealed({
      table: tableName(privateType),
      keys,
      put: lazyLakeObjects(LAKE_BUCKET).put,
    }),
  };
}

/** Returns the function that finds whose rows to leave out, for an event type whose definition names people. */
function suppressed(naming: EventType): FindSuppressed {
  const { LEDGER_SECRET, LAKE_BUCKET } = requiredVariables({
    LEDGER_SECRET: 'the name of the secret with the keys of the ledger of erased people',
    LAKE_BUCKET: 'the bucket of the lake, where the ledger is',
  });
  return suppressedPeople({
    eventType: naming,
    store: lazyLakeObjects(LAKE_BUCKET),
    readKeys: async () => readHashKeys(await secretReader()(LEDGER_SECRET)),
    onFailure: (error) => telemetry.suppressionFailed(error),
  });
}

const telemetry = lambdaTelemetry(EVENT_TYPE);
const privacy = isPrivate(eventType) ? await privacyOptions(eventType) : {};
const traces = functionTraces({
  service: 'firehose-transformer',
  readSecret: secretReader(),
  telemetry,
});

/** Returns the function that sends spans to a collector; undefined where no collector is named. */
function traced(): SendRecordSpans | undefined {
  if (!traces || !eventType) return undefined;
  const { LAKE_BUCKET } = requiredVariables({
    LAKE_BUCKET: 'the bucket of the lake, where rows of recorded events are noted',
  });
  return sendRecordSpans({
    eventType,
    table: tableName(eventType),
    streamName: STREAM_NAME,
    send: traces.send,
    put: lazyLakeObjects(LAKE_BUCKET).put,
    telemetry,
    newId: randomUUID,
  });
}

export const handler = transformerHandler({
  transform: batchTransformer({
    flattener: compileFlattener(eventType, privacy),
    putBack: putBackInto({ streamName: STREAM_NAME }),
    ...privacy,
    ...(hasSubject(eventType) && { findSuppressed: suppressed(eventType) }),
  }),
  telemetry,
  sendRecordSpans: traced(),
});
