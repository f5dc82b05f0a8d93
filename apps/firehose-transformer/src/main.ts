import { readBundledEventTypes } from '@sluice/event-schema/node';
import { compileFlattener } from '@sluice/record-flattening';
import type {
  Context,
  FirehoseTransformationEvent,
  FirehoseTransformationResult,
} from 'aws-lambda';
import { transformerHandler } from './handler';
import { kinesisStream } from './kinesis-stream';
import { lambdaTelemetry } from './telemetry';

const required = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`environment variable ${name} is missing`);
  return value;
};

type LambdaHandler = (
  event: FirehoseTransformationEvent,
  context: Context,
) => Promise<FirehoseTransformationResult>;

function start(): LambdaHandler {
  const name = required('EVENT_TYPE');
  const streamName = required('STREAM_NAME');
  const eventTypes = readBundledEventTypes(import.meta.dirname);
  const eventType = eventTypes.find((candidate) => candidate.name === name);
  if (!eventType)
    throw new Error(
      `EVENT_TYPE is "${name}", but the bundle has ${eventTypes.map((known) => known.name).join(', ')}`,
    );
  const telemetry = lambdaTelemetry(name);
  const transform = transformerHandler({
    flattener: compileFlattener(eventType),
    stream: kinesisStream(
      streamName,
      process.env['AWS_ENDPOINT_URL_KINESIS'] ?? process.env['AWS_ENDPOINT_URL'],
    ),
    telemetry,
  });
  return (event, context) => {
    telemetry.invocationBegins(context);
    return transform(event);
  };
}

export const handler = start();
