import type { LakeUnderTrial } from '../lake-under-trial';
import type { Finished } from '../run-program';

/** What became of an input, and what is right. */
export interface Trial {
  readonly tried: string;
  /** Numbers of the row in the table of the inputs' README. */
  readonly nr: number;
  readonly ours: string;
  readonly right: RegExp;
}

/** Tries inputs in a lake, one after the other. */
export type Story = (lake: LakeUnderTrial) => AsyncGenerator<Trial>;

/** Returns how a command ended, and what it said. */
export const said = ({ code, stdout, stderr }: Finished): string =>
  `exit ${code}: ${`${stdout}\n${stderr}`.replaceAll(/\s+/g, ' ').trim()}`;

/** Matches a failure that is reported in sentences: an exit code of 1, no stack trace, and the words given. */
export const refused = (words: RegExp): RegExp =>
  new RegExp(`^exit 1: (?!.*\\bat \\S+ \\(?(?:file|node):).*(?:${words.source})`, 's');
