import { secretReader, type ReadSecret } from '@sluice/aws-clients/secrets';
import { hasSubject, isPrivate, tableName, type EventType } from '@sluice/event-schema';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { readHashKeys, secretNames, type HashKeys } from '@sluice/privacy';
import { UsageError } from '@sluice/terminal/command-line';
import { readFileSync } from 'node:fs';
import type { NamedLake } from '../lake-options';

/**
 * Returns the event types that name people: one by its name or its table, or else all.
 *
 * @throws UsageError where there is none
 */
export function namingTypes(
  eventTypes: readonly EventType[],
  event: string | undefined,
): readonly EventType[] {
  const wanted = eventTypes.filter(
    (one) =>
      hasSubject(one) && (event === undefined || one.name === event || tableName(one) === event),
  );
  if (wanted.length > 0) return wanted;
  throw new UsageError(
    event === undefined
      ? 'no event type has a "subject": no definition says which values name a person'
      : `there is no event type ${event} with a "subject"`,
  );
}

/** Returns a reader for the secrets of a stage on AWS, or of a data directory, whose stack need not run. */
export const secretsOf = ({ dataDir }: NamedLake): ReadSecret =>
  dataDir === undefined
    ? secretReader()
    : (name) => {
        const file = dataDirectory(dataDir).secretsFile;
        const secrets = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, string>>;
        const secret = secrets[name];
        return secret === undefined
          ? Promise.reject(new UsageError(`${file} has no secret ${name}`))
          : Promise.resolve(secret);
      };

export interface PrivateKeys {
  readonly hashKeys?: HashKeys;
  readonly errorKeys?: HashKeys;
}

/** Reads the keys of hashes and of sealed records, where an event type needs them. */
export async function privateKeys(
  eventTypes: readonly EventType[],
  readSecret: ReadSecret,
  stage: string,
): Promise<PrivateKeys> {
  if (!eventTypes.some(isPrivate)) return {};
  const names = secretNames(stage);
  return {
    hashKeys: readHashKeys(await readSecret(names.hash)),
    errorKeys: readHashKeys(await readSecret(names.errors)),
  };
}
