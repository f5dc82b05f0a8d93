import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { bundleFolder, requiredVariables } from '@sluice/aws-clients/environment';
import { secretReader } from '@sluice/aws-clients/secrets';
import { readBundledEventTypes, readBundledScopes } from '@sluice/event-schema/node';
import { readHashKeys } from '@sluice/privacy';
import { functionTraces } from '@sluice/traces/function';
import { lookupHandler } from '../handler';
import { Hedging } from '../hedging';
import { lambdaTelemetry } from '../telemetry';

const { LAKE_BUCKET: bucket } = requiredVariables({ LAKE_BUCKET: 'the bucket of the lake' });
/** Set where an event type has a subject. */
const ledgerSecret = process.env['LEDGER_SECRET'];
const readSecret = secretReader();
const telemetry = lambdaTelemetry();

export const handler = lookupHandler({
  eventTypes: readBundledEventTypes(bundleFolder()),
  store: s3ObjectStore({ client: s3Client(), bucket }),
  hedging: new Hedging(),
  // Set where a column is restricted, or a key has its own scopes.
  scopesOf: readBundledScopes(bundleFolder(), process.env['API_KEYS']),
  ...(ledgerSecret !== undefined && {
    readLedgerKeys: async () => readHashKeys(await readSecret(ledgerSecret)),
  }),
  telemetry,
  traces: functionTraces({
    service: 'lookup-api',
    readSecret,
    telemetry,
  }),
});
