import type { ObjectStore } from '@sluice/lake-layout';
import { readEntry, writeEntry } from './ledger';
import { movePlaces } from './stream-places';

/**
 * Keeps the notes of replays about an object of the error output that was written anew with as many lines. Without
 * them a later replay would send lines again that were sent long ago. A replay that is under way ends with its current
 * chunk, because it finds its note changed; the next one goes on from there.
 *
 * @param etags of the object, before and after
 */
export async function keepReplayNotes(
  store: Pick<ObjectStore, 'get' | 'put'>,
  key: string,
  etags: { readonly before: string; readonly after: string },
): Promise<void> {
  await movePlaces(store, key, etags);
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const stored = await readEntry(store, { key, etag: etags.before });
    if (stored?.entry.etag !== etags.before) return;
    const { entry } = stored;
    const kept = {
      ...entry,
      etag: etags.after,
      state: entry.state === 'sending' ? ('paused' as const) : entry.state,
    };
    if (await writeEntry(store, key, kept, stored)) return;
  }
  throw new Error(`a replay changes its note on ${key} all the time; run this again`);
}

/** A replay that is under way changes its note once in a chunk of lines, and ends when it finds it changed. */
const maxAttempts = 5;
