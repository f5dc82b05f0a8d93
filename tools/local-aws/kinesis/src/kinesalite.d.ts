declare module 'kinesalite' {
  import type { Server } from 'node:http';

  interface KinesaliteOptions {
    /** Folder of a LevelDB; in memory without it. */
    readonly path?: string;
    readonly createStreamMs?: number;
    readonly deleteStreamMs?: number;
    readonly updateStreamMs?: number;
    readonly shardLimit?: number;
  }

  /** A Kinesis of its own. Closing it closes its store as well. */
  export default function kinesalite(options?: KinesaliteOptions): Server;
}

declare module 'kinesalite/db/index.js' {
  /** A levelup over LevelDB, as far as it is used here. */
  interface Level {
    batch(
      entries: readonly { readonly type: 'put'; readonly key: Buffer; readonly value: Buffer }[],
      options: { readonly sync: boolean },
    ): Promise<void>;
    close(): Promise<void>;
  }

  const kinesaliteDb: { create(options: { readonly path: string }): { readonly db: Level } };
  export default kinesaliteDb;
}
