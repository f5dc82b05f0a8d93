import { hasSubject, type ReferenceTable } from '@sluice/event-schema';
import { bundledReferencesFile } from '@sluice/event-schema/node';
import { referencePrefix, referenceVersionsPrefix } from '@sluice/lake-layout';
import type { Deployment } from '../deployment';
import { arns } from './arns';

/** Returns the reference tables that name people. */
const namingReferences = ({ references }: Deployment): readonly ReferenceTable[] =>
  references.filter(hasSubject);

/** Returns the file of the reference tables that name people, to be put beside a function's bundle; none where none does. */
export function referencesBesideBundle(
  deployment: Deployment,
): Readonly<Record<string, readonly ReferenceTable[]>> {
  const naming = namingReferences(deployment);
  return naming.length > 0 ? { [bundledReferencesFile]: naming } : {};
}

/** Returns the ARNs of the objects of reference tables that name people, and of their kept versions. */
export const namingReferenceArns = (
  deployment: Deployment,
  bucketName: string,
): { readonly tables: readonly string[]; readonly versions: readonly string[] } => ({
  tables: namingReferences(deployment).map(({ name }) =>
    arns.objects(bucketName, referencePrefix(name)),
  ),
  versions: namingReferences(deployment).map(({ name }) =>
    arns.objects(bucketName, referenceVersionsPrefix(name)),
  ),
});
