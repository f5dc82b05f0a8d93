import {
  restrictedColumns,
  restrictedReferenceColumns,
  type NamedKeyScopes,
} from '@sluice/event-schema';
import { apiKeysFile } from '@sluice/event-schema/node';
import type { Deployment } from '../deployment';

/** Decides whether API keys differ: a column is restricted, or a key has its own scopes. */
export const keysDiffer = ({ eventTypes, references, apiKeys }: Deployment): boolean =>
  Object.keys(apiKeys).length > 0 ||
  eventTypes.some((one) => restrictedColumns(one).length > 0) ||
  references.some((one) => restrictedReferenceColumns(one).length > 0);

/** Returns the file of the keys' scopes, to be put beside a function's bundle; none where keys do not differ. */
export const scopesBesideBundle = (
  deployment: Deployment,
): Readonly<Record<string, NamedKeyScopes>> =>
  keysDiffer(deployment) ? { [apiKeysFile]: deployment.apiKeys } : {};
