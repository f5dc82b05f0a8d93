import { allowsAction, type NamedKeyScopes } from '@sluice/event-schema';
import { readApiKeys } from '@sluice/event-schema/node';
import type { ScopedKey } from './target';

/**
 * Returns the API keys of a folder of definitions that may look up, with their values.
 *
 * @param valueOf returns the value of a key; undefined where the target has no such key
 */
export const scopedKeysOf = (
  folder: string,
  valueOf: (name: string) => string | undefined,
): readonly ScopedKey[] =>
  Object.entries(readApiKeys(folder) as NamedKeyScopes).flatMap(([name, scopes]) => {
    const apiKey = allowsAction(scopes, 'look-up') ? valueOf(name) : undefined;
    return apiKey === undefined ? [] : [{ name, scopes, apiKey }];
  });
