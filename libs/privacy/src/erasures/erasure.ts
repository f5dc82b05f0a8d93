import { createHmac, hkdfSync } from 'node:crypto';
import {
  findJson,
  isOperationId,
  PreconditionFailedError,
  putJson,
  type ObjectStore,
} from '@sluice/lake-layout';
import type { HashKeys } from '../hash-keys';
import { openBytes, sealBytes } from '../sealed-bytes';

export type ErasureState = 'pending' | 'running' | 'done' | 'failed';

/** A requested erasure, as an object of the lake. It never holds the person's name in clear. */
export interface Erasure {
  readonly formatVersion: 1;
  readonly id: string;
  readonly state: ErasureState;
  /** Tables to search for the person. */
  readonly tables: readonly string[];
  /** Names of the reference tables to search for the person. @default none */
  readonly references?: readonly string[];
  readonly suppress: boolean;
  readonly requestedAtMs: number;
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  /** Reason why the last attempt failed, as a sentence. The erasure is tried again. */
  readonly message?: string;
  /** The person's name, encrypted with a key derived from the ledger's. Removed after the last pass. */
  readonly sealedSubject?: { readonly keyVersion: string; readonly sealed: string };
  readonly certificate?: Certificate;
  readonly signature?: CertificateSignature;
}

/** Record of a finished erasure, without the person's name. */
export interface Certificate {
  readonly erasure: string;
  readonly requestedAtMs: number;
  readonly tables: readonly string[];
  /** Names of the reference tables. @default none */
  readonly references?: readonly string[];
  readonly suppress: boolean;
  /** Passes of the erasure. The first one deletes the rows, the last one those that were still in the streams. */
  readonly passes: readonly CertifiedPass[];
  /** Milliseconds since 1970 from which the streams hold no events that arrived before the request. */
  readonly streamsForgetAtMs: number;
}

export interface CertifiedPass {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Results by table: what was searched, rewritten and deleted. */
  readonly tables: readonly CertifiedTable[];
  /** Results by reference table. @default there is none that names people */
  readonly references?: readonly unknown[];
  /** Number of stored query results that were deleted. */
  readonly deletedQueryResults: number;
  /** Earliest moment at which compaction deletes the replaced files, in milliseconds since 1970. */
  readonly replacedFilesGoAtMs: number;
  /**
   * Earliest moment at which noncurrent versions of these files are deleted, in milliseconds since 1970; present
   * where the bucket has versioning.
   */
  readonly versionsGoAtMs?: number;
  /** Noncurrent versions that were deleted. */
  readonly versions?: { readonly deletedAtMs: number; readonly deleted: number };
}

/** Result of a pass for one table. It holds more than readers of certificates need, all of which is signed. */
export interface CertifiedTable {
  readonly table: string;
  /** Days from which rows were removed. */
  readonly days: readonly { readonly date: string; readonly rows: number }[];
}

export interface CertificateSignature {
  readonly algorithm: 'HMAC-SHA-256';
  readonly keyVersion: string;
  /** HMAC of the certificate's canonical JSON, in base64url. */
  readonly value: string;
}

/** Prefix of the erasures that are not finished. */
export const erasuresPrefix = 'privacy/erasures/';
/** Prefix of the finished erasures, with their certificates. */
export const certificatesPrefix = 'privacy/certificates/';
export const erasureKey = (id: string): string => `${erasuresPrefix}${id}.json`;
const certificateKey = (id: string): string => `${certificatesPrefix}${id}.json`;

export interface StoredErasure {
  readonly erasure: Erasure;
  readonly etag: string;
}

/** Stores the request to erase a person. @throws PreconditionFailedError where an erasure with this id exists */
export async function requestErasure(
  store: Pick<ObjectStore, 'put'>,
  keys: HashKeys,
  {
    subject,
    ...asked
  }: Pick<Erasure, 'id' | 'tables' | 'references' | 'suppress' | 'requestedAtMs'> & {
    readonly subject: string;
  },
): Promise<StoredErasure> {
  const { keyVersion, sealed } = sealBytes(
    derived(keys, 'erasure-subject'),
    new TextEncoder().encode(subject),
    asked.id,
  );
  const erasure: Erasure = {
    formatVersion: 1,
    state: 'pending',
    ...asked,
    sealedSubject: { keyVersion, sealed: Buffer.from(sealed).toString('base64') },
  };
  const { etag } = await putJson(store, erasureKey(erasure.id), erasure, { ifNoneMatch: '*' });
  return { erasure, etag };
}

/** Reads an erasure, finished or not; undefined where none has this id. */
export async function readErasure(
  store: Pick<ObjectStore, 'get'>,
  id: string,
): Promise<StoredErasure | undefined> {
  if (!isOperationId(id)) return undefined;
  return (await readStored(store, erasureKey(id))) ?? readStored(store, certificateKey(id));
}

async function readStored(
  store: Pick<ObjectStore, 'get'>,
  key: string,
): Promise<StoredErasure | undefined> {
  const found = await findJson<Erasure>(store, key);
  return found && { erasure: found.value, etag: found.etag };
}

/** Yields the erasures that are not finished. */
export async function* openErasures(
  store: Pick<ObjectStore, 'get' | 'list'>,
): AsyncIterable<StoredErasure> {
  for await (const { key } of store.list(erasuresPrefix)) {
    const stored = await readStored(store, key);
    if (stored) yield stored;
  }
}

/** Returns the erasure without the person's name. */
export function withoutName(erasure: Erasure): Erasure {
  const copy: { -readonly [Member in keyof Erasure]: Erasure[Member] } = { ...erasure };
  delete copy.sealedSubject;
  return copy;
}

/** Stores a finished erasure with its certificate and without the person's name. */
export async function closeErasure(
  store: Pick<ObjectStore, 'put' | 'delete'>,
  erasure: Erasure,
): Promise<Erasure> {
  const closed = withoutName(erasure);
  await putJson(store, certificateKey(erasure.id), closed);
  await store.delete([erasureKey(erasure.id)]);
  return closed;
}

/** Replaces the stored state of an erasure. @returns undefined where another run of it was faster */
export async function updateErasure(
  store: Pick<ObjectStore, 'put'>,
  { etag }: Pick<StoredErasure, 'etag'>,
  erasure: Erasure,
): Promise<StoredErasure | undefined> {
  try {
    const written = await putJson(store, erasureKey(erasure.id), erasure, { ifMatch: etag });
    return { erasure, etag: written.etag };
  } catch (error) {
    if (error instanceof PreconditionFailedError) return undefined;
    throw error;
  }
}

/** Returns the person's name; undefined once it has been removed. */
export function subjectOf(keys: HashKeys, { id, sealedSubject }: Erasure): string | undefined {
  if (!sealedSubject) return undefined;
  const { keyVersion, sealed } = sealedSubject;
  return new TextDecoder().decode(
    openBytes(
      derived(keys, 'erasure-subject'),
      { keyVersion, sealed: Buffer.from(sealed, 'base64') },
      id,
    ),
  );
}

/** Returns the signature of a certificate, by the current key. */
export function signCertificate(keys: HashKeys, certificate: Certificate): CertificateSignature {
  return {
    algorithm: 'HMAC-SHA-256',
    keyVersion: keys.current,
    value: macOf(keys, keys.current, certificate),
  };
}

/** Decides whether a certificate is what was signed. */
export const isSignedCertificate = (
  keys: HashKeys,
  certificate: Certificate,
  { keyVersion, value }: CertificateSignature,
): boolean => keys.keys.has(keyVersion) && macOf(keys, keyVersion, certificate) === value;

function macOf(keys: HashKeys, version: string, certificate: Certificate): string {
  const key = derived(keys, 'erasure-certificate').keys.get(version);
  if (!key) throw new Error(`the ledger's secret has no key of version ${version}`);
  return createHmac('sha256', key)
    .update(JSON.stringify(sorted(certificate)))
    .digest('base64url');
}

/**
 * Returns a value with its objects' members sorted by name, so that everyone derives the same text from a
 * certificate.
 */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}

/** Derives keys for one purpose (HKDF, RFC 5869), so that no key is used for two. */
const derived = ({ current, keys }: HashKeys, purpose: string): HashKeys => ({
  current,
  keys: new Map(
    [...keys].map(([version, key]) => [
      version,
      new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), purpose, 32)),
    ]),
  ),
});
