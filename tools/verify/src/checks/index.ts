import type { Check } from '../check';
import { deliveryChecks } from './delivery';
import { gatewayChecks } from './gateway';
import { limitChecks } from './limits';
import { maintenanceChecks } from './maintenance';
import { operationsChecks } from './operations';
import { privacyChecks } from './privacy';
import { publishingChecks } from './publishing';
import { sqlChecks } from './sql';

/** Every assumption that is put to the test, in the order in which they are. */
export const checks: readonly Check[] = [
  ...gatewayChecks,
  ...deliveryChecks,
  ...maintenanceChecks,
  ...sqlChecks,
  ...operationsChecks,
  ...privacyChecks,
  // Seals the day of a local stack.
  ...publishingChecks,
  // Last: what they put into the streams keeps delivery busy.
  ...limitChecks,
];
