import type { GlueTables } from '@sluice/aws-clients/glue';
import type { AthenaClient } from '@aws-sdk/client-athena';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { EventType, KeyScopes } from '@sluice/event-schema';
import type { ObjectStore } from '@sluice/lake-layout';

/** A base URL without a trailing slash, and the API key of its callers. */
export interface ApiAccess {
  readonly url: string;
  readonly apiKey: string;
}

/** An API key of the look-up, with its scopes. */
export interface ScopedKey {
  readonly name: string;
  readonly scopes: KeyScopes;
  readonly apiKey: string;
}

/** A deployed stage or a local stack, as its callers and operators reach it. */
export interface Target {
  /** Name for people, such as `stage dev in eu-central-1` or a folder. */
  readonly name: string;
  readonly stage: string;
  readonly isLocal: boolean;
  readonly ingest: ApiAccess;
  readonly lookup: ApiAccess;
  readonly analytics: ApiAccess;
  readonly operations: ApiAccess;
  /** Address of the console without a trailing slash; undefined where there is none. */
  readonly consoleUrl: string | undefined;
  readonly bucket: string;
  readonly store: ObjectStore;
  readonly kinesis: KinesisClient;
  readonly lambda: LambdaClient;
  readonly athena: AthenaClient;
  /** Tables of the stage's Glue database. */
  readonly glue: GlueTables;
  /** Event types that the workspace defines. */
  readonly eventTypes: readonly EventType[];
  /** API keys of the look-up with scopes, as the folder of definitions has them. */
  readonly scopedKeys: readonly ScopedKey[];
  /** Reads a secret of the stage by its name. */
  readonly readSecret: (name: string) => Promise<string>;
  readonly waits: Waits;
  /** Puts rows into the reference tables, where the run started the target itself. */
  readonly fillReferences?: () => Promise<void>;
  /**
   * True where the run may seal the current day, because nobody else writes into it. Look-ups take a sealed day for
   * complete, so for minutes they would not see what is posted afterwards.
   */
  readonly maySealToday?: true;
}

export interface Waits {
  /** Longest time from a post to a look-up that finds its row, in milliseconds. */
  readonly deliveryMs: number;
  /** Pause between two attempts, in milliseconds. */
  readonly pollMs: number;
}

/** Error for a target that can't be reached or is not as expected; the message is meant for a person. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}
