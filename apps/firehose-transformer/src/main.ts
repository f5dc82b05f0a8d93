import { bundleFolder, requiredVariables } from '@sluice/aws-clients/environment';
import { readBundledEventTypes } from '@sluice/event-schema/node';
import { compileFlattener } from '@sluice/record-flattening';
import { transformerHandler } from './handler';
import { putBackInto } from './put-back';
import { lambdaTelemetry } from './telemetry';
import { batchTransformer } from './transform-batch';

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

export const handler = transformerHandler({
  transform: batchTransformer({
    flattener: compileFlattener(eventType),
    putBack: putBackInto({ streamName: STREAM_NAME }),
  }),
  telemetry: lambdaTelemetry(EVENT_TYPE),
});
