import type { Terminal } from '@sluice/terminal/command-line';

/** The streams of the process, as interactive commands need them. */
export interface LakeTerminal extends Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}
