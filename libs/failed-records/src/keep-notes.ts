import { createHash } from 'node:crypto';
import type { ObjectStore } from '@sluice/lake-layout';
import { readEntry, writeEntry, type LedgerEntry } from './ledger';
import { movePositions } from './stream-positions';

/** An object of the error output as it was read. */
export interface ReadObject {
  readonly key: string;
  readonly etag: string;
  readonly bytes: Uint8Array;
}

/**
 * Rewrites an object of the error output with the same number of lines, and keeps the notes of replays about it.
 * Without them a later replay would send lines again that were sent long ago. Before the object is replaced, the
 * notes name its replacement, so that {@link repairReplayNotes} can finish after any interruption. A replay that is
 * under way ends with its current chunk, because it finds its note changed; the next one goes on from there.
 *
 * @throws PreconditionFailedError where the object was changed since it was read
 */
export async function rewriteFailed(
  store: Pick<ObjectStore, 'get' | 'put'>,
  object: ReadObject,
  bytes: Uint8Array,
): Promise<void> {
  const { key, etag: before } = object;
  await repairReplayNotes(store, object);
  await changeEntry(store, key, before, (entry) => ({ ...entry, becomes: digestOf(bytes) }));
  const { etag: after } = await store.put(key, bytes, { ifMatch: before });
  await moveNotes(store, key, { before, after });
}

/** Updates the notes of replays of an object whose rewriting was interrupted before the notes were written. */
export async function repairReplayNotes(
  store: Pick<ObjectStore, 'get' | 'put'>,
  { key, etag, bytes }: ReadObject,
): Promise<void> {
  const entry = (await readEntry(store, { key, etag }))?.entry;
  if (!entry || entry.etag === etag || entry.becomes !== digestOf(bytes)) return;
  await moveNotes(store, key, { before: entry.etag, after: etag });
}

/** Decides whether {@link repairReplayNotes} has to see an object's bytes. */
export const mayHaveBecome = ({ becomes, etag }: LedgerEntry, object: { readonly etag: string }) =>
  becomes !== undefined && etag !== object.etag;

async function moveNotes(
  store: Pick<ObjectStore, 'get' | 'put'>,
  key: string,
  etags: { readonly before: string; readonly after: string },
): Promise<void> {
  await movePositions(store, key, etags);
  await changeEntry(store, key, etags.before, (entry) => ({
    ...entry,
    etag: etags.after,
    becomes: undefined,
  }));
}

/** Changes the entry of an object, if it is about the object's version with an ETag. */
async function changeEntry(
  store: Pick<ObjectStore, 'get' | 'put'>,
  key: string,
  etag: string,
  change: (entry: LedgerEntry) => LedgerEntry,
): Promise<void> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const stored = await readEntry(store, { key, etag });
    if (stored?.entry.etag !== etag) return;
    const { state } = stored.entry;
    const paused = { ...stored.entry, state: state === 'sending' ? ('paused' as const) : state };
    if (await writeEntry(store, key, change(paused), stored)) return;
  }
  throw new Error(`a replay changes its note on ${key} all the time; run this again`);
}

/** A replay that is under way changes its note once in a chunk of lines, and ends when it finds it changed. */
const maxAttempts = 5;

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
