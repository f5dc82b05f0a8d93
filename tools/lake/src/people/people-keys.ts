import { secretReader, type ReadSecret } from '@sluice/aws-clients/secrets';
import {
  hasSubject,
  isPrivate,
  type Catalog,
  type EventType,
  type ReferenceTable,
} from '@sluice/event-schema';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { readHashKeys, secretNames, type HashKeys } from '@sluice/privacy';
import { UsageError } from '@sluice/terminal/command-line';
import { readFileSync } from 'node:fs';
import type { NamedLake } from '../lake-options';
import type { EventTypeKind } from '../lake-tables';

/** The event types that name people. */
export const ofPeople: EventTypeKind = {
  includes: hasSubject,
  feature: 'with a "subject"',
  absence: 'no event type has a "subject": no definition says which values name a person',
};

/**
 * Returns the reference tables that name people; none where the command names one event type, because they belong to
 * none.
 */
export const referencesOfPeople = (
  { references }: Pick<Catalog, 'references'>,
  event: string | undefined,
): readonly ReferenceTable[] => (event === undefined ? references.filter(hasSubject) : []);

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
