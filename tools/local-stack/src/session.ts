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

/** A file to take, with the event type that it holds. */
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
  /** Aborted when somebody asks for the end. */
  readonly stop: AbortSignal;
  /** Aborted when the run has ended, perhaps by a stack that broke down: nothing more is started or printed. */
  readonly over: AbortSignal;
  /** Events that failed so far. */
  readonly failures: FailureLog;
  /** The stack that runs now. */
  readonly stack: LocalStack;
  /** What it runs. */
  readonly templates: PreparedTemplates;
  /** Ends the stack and starts another in its place. */
  restart(templates: PreparedTemplates): Promise<void>;
}

/** What shells answer for a program that Ctrl-C ended. */
export const interrupted = 130;
