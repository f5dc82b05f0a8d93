import { bootstrap, credentials, region, roles } from './account';
import {
  apiThrottle,
  deliveryConcurrency,
  deliveryStreams,
  logsRole,
  memory,
  onDemandStreams,
  reservedConcurrency,
  shards,
} from './capacity';
import { appChangeSets, lakeChangeSet } from './change-sets';
import { lakeFormation } from './lake-formation';
import { freeBuckets, freeNames } from './names';
import { knowingItsLimits, type PreflightCheck } from './preflight-check';
import { stackStates } from './stacks';

/** All checks, in the order in which they run. */
export const checks: readonly PreflightCheck[] = [
  credentials,
  region,
  ...[
    bootstrap,
    roles,
    stackStates,
    memory,
    reservedConcurrency,
    deliveryConcurrency,
    shards,
    onDemandStreams,
    deliveryStreams,
    logsRole,
    apiThrottle,
    freeNames,
    freeBuckets,
    lakeFormation,
    lakeChangeSet,
    appChangeSets,
  ].map(knowingItsLimits),
];
