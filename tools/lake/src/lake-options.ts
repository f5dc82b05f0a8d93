// Options that every command on a lake has.
import {
  DefinitionFilesError,
  EventsFolderError,
  namedEventsFolder,
} from '@sluice/event-schema/folder';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { UsageError, type Terminal } from '@sluice/terminal/command-line';
import { InvalidArgumentError, type Command } from 'commander';
import { defaultDataDir } from './data-dir';
import { openBucket, openDataDirLake, type OpenedLake } from './open-lake';
import { parseDate } from '@sluice/values';

type Environment = Terminal['env'];

/** The options that {@link addLakeOptions} adds. */
export interface LakeOptions {
  readonly dataDir?: string;
  readonly bucket?: string;
}

/** A lake named on the command line: a local stack's data directory, or a bucket on AWS. */
export type NamedLake =
  | { readonly dataDir: string; readonly bucket?: never }
  | { readonly bucket: string; readonly dataDir?: never };

/** Errors whose message is meant for the person who named a lake or a folder of definitions. */
export const lakeErrors = [DefinitionFilesError, EventsFolderError];

/** Adds `--data-dir` and `--bucket` to a command. */
export const addLakeOptions = (command: Command): Command =>
  command
    .option('--data-dir <dir>', `data directory of a local stack; else ${defaultDataDir}`)
    .option('--bucket <name>', "the lake's bucket on AWS; else LAKE_BUCKET");

/**
 * Decides which lake is meant: the one that an option names, or else the bucket in LAKE_BUCKET, or else that of the
 * local stack.
 *
 * @throws UsageError where both options are given
 */
export function namedLake({ dataDir, bucket }: LakeOptions, env: Environment): NamedLake {
  if (dataDir !== undefined && bucket !== undefined)
    throw new UsageError('name one lake: --data-dir or --bucket');
  if (dataDir !== undefined) return { dataDir };
  const named = bucket ?? env['LAKE_BUCKET'];
  return named ? { bucket: named } : { dataDir: defaultDataDir };
}

/** Opens a lake to read and write its objects. @throws UsageError where there is none */
export const openNamedLake = ({ dataDir, bucket }: NamedLake): Promise<OpenedLake> =>
  dataDir === undefined ? openBucket(bucket) : openDataDirLake(dataDir);

/**
 * Returns the folder of definitions that are served in addition to the shipped ones: the one in SLUICE_EVENTS_DIR, or
 * else the data directory's.
 *
 * @throws EventsFolderError where the environment names a folder that does not exist
 */
export const addedDefinitions = ({ dataDir }: NamedLake, env: Environment): string | undefined =>
  namedEventsFolder(env) ??
  (dataDir === undefined ? undefined : dataDirectory(dataDir).definitions);

/** Parses the day of an option. @throws InvalidArgumentError where the calendar has no such day */
export function day(text: string): string {
  if (parseDate(text) === undefined)
    throw new InvalidArgumentError('A day is written as 2026-01-31.');
  return text;
}
