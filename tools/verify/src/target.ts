import type { AthenaClient } from '@aws-sdk/client-athena';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { EventType } from '@sluice/event-schema';
import type { ObjectStore } from '@sluice/lake-layout';

/** A base URL without a trailing slash, and the key that its callers bring. */
export interface ApiAccess {
  readonly url: string;
  readonly apiKey: string;
}

/** A deployed stage or a local stack, as its callers and operators reach it. */
export interface Target {
  /** Name for people: `stage dev in eu-central-1` or a folder. */
  readonly name: string;
  readonly stage: string;
  readonly isLocal: boolean;
  readonly ingest: ApiAccess;
  readonly lookup: ApiAccess;
  readonly analytics: ApiAccess;
  readonly operations: ApiAccess;
  readonly bucket: string;
  readonly store: ObjectStore;
  readonly kinesis: KinesisClient;
  readonly lambda: LambdaClient;
  readonly athena: AthenaClient;
  /** Event types that the workspace defines. */
  readonly eventTypes: readonly EventType[];
  /** Reads a secret of the stage by its name. */
  readonly readSecret: (name: string) => Promise<string>;
  readonly waits: Waits;
  /** Puts rows into the reference tables, where the target is the run's own. */
  readonly fillReferences?: () => Promise<void>;
}

export interface Waits {
  /** How long a row may take from its post to a look-up. */
  readonly deliveryMs: number;
  /** Pause between two looks. */
  readonly pollMs: number;
}

/** The target can't be reached or is not what it should be; the message is for a person. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}
