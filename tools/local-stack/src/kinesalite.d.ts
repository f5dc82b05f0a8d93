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
