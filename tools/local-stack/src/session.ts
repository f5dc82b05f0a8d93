import type { EventType } from '@sluice/event-schema';
import type { DataDir, FailureLog } from '@sluice/lake';
import type { LocalStack } from './local-stack';
import type { IngestOptions, Options } from './options';
import type { PreparedTemplates } from './prepare-templates';

export interface Terminal {
  readonly args: readonly string[];
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** A file to ingest, with its event type. */
export interface SourceFile extends IngestOptions {
  readonly eventType: EventType;
}

/** One run of the command, from its options to its exit code. */
export interface Session {
  readonly options: Options;
  readonly dataDir: DataDir;
  readonly terminal: Terminal;
  readonly startedAtMs: number;
  readonly source: SourceFile | undefined;
  /** Aborted when the user stops the stack. */
  readonly stop: AbortSignal;
  /** Aborted when the run has ended, perhaps because a stack broke down: nothing more may be started or printed. */
  readonly over: AbortSignal;
  /** Events that failed so far. */
  readonly failures: FailureLog;
  /** The running stack. */
  readonly stack: LocalStack;
  /** Templates of the running stack. */
  readonly templates: PreparedTemplates;
  /** Ends the stack and starts another in its place. */
  restart(templates: PreparedTemplates): Promise<void>;
}

/** Exit code of shells for a program that Ctrl-C ended. */
export const interrupted = 130;
