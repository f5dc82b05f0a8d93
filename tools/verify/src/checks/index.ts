import type { Check } from '../check';
import { consoleChecks } from './console';
import { deliveryChecks } from './delivery';
import { gatewayChecks } from './gateway';
import { limitChecks } from './limits';
import { maintenanceChecks } from './maintenance';
import { operationsChecks } from './operations';
import { privacyChecks } from './privacy';
import { publishingChecks } from './publishing';
import { sqlChecks } from './sql';
import { traceChecks } from './traces';

/** All checks, in the order in which they run. */
export const checks: readonly Check[] = [
  ...gatewayChecks,
  ...deliveryChecks,
  ...traceChecks,
  ...maintenanceChecks,
  ...sqlChecks,
  ...operationsChecks,
  ...consoleChecks,
  ...privacyChecks,
  // Seals the day of a local stack.
  ...publishingChecks,
  // These come last, because the events that they put into the streams keep delivery busy.
  ...limitChecks,
];
