import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { bundleFolder, requiredVariables } from '@sluice/aws-clients/environment';
import { readBundledEventTypes } from '@sluice/event-schema/node';
import { lookupHandler } from '../handler';
import { Hedging } from '../hedging';
import { lambdaTelemetry } from '../telemetry';

const { LAKE_BUCKET: bucket } = requiredVariables({ LAKE_BUCKET: 'the bucket of the lake' });

export const handler = lookupHandler({
  eventTypes: readBundledEventTypes(bundleFolder()),
  store: s3ObjectStore({ client: s3Client(), bucket }),
  hedging: new Hedging(),
  telemetry: lambdaTelemetry(),
});
