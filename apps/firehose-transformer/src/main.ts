import { bundleFolder, requiredVariables } from '@sluice/aws-clients/environment';
import { secretReader } from '@sluice/aws-clients/secrets';
import { isPrivate, tableName, type EventType } from '@sluice/event-schema';
import { readBundledEventTypes } from '@sluice/event-schema/node';
import { currentHash, readHashKeys } from '@sluice/privacy';
import { compileFlattener } from '@sluice/record-flattening';
import { transformerHandler } from './handler';
import { keepFailedSealed, lazyPutObject } from './keep-failed';
import { putBackInto } from './put-back';
import { lambdaTelemetry } from './telemetry';
import { batchTransformer, type BatchTransformerOptions } from './transform-batch';

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
      put: lazyPutObject(LAKE_BUCKET),
    }),
  };
}

const privacy = isPrivate(eventType) ? await privacyOptions(eventType) : {};

export const handler = transformerHandler({
  transform: batchTransformer({
    flattener: compileFlattener(eventType, privacy),
    putBack: putBackInto({ streamName: STREAM_NAME }),
    ...privacy,
  }),
  telemetry: lambdaTelemetry(EVENT_TYPE),
});
