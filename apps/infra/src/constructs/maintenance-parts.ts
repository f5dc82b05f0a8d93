import type { Construct } from 'constructs';
import type { Deployment } from '../deployment';
import type { parameterNames } from '../names';
import { arns } from './arns';
import type { BundleFunction } from './bundle-function';

/** Parts of each function of the lake's maintenance. */
export interface MaintenanceParts {
  readonly stack: Construct;
  readonly deployment: Deployment;
  readonly parameters: ReturnType<typeof parameterNames>;
  /** Returns a value that another stack published. */
  readonly read: (parameterName: string) => string;
  readonly bucketName: string;
  readonly keyArn: string;
  /** Files beside the bundle besides the event types, by name. */
  readonly definitions: Readonly<Record<string, unknown>>;
}

/**
 * Allows a function to make and change tables of the lake's database: those by which the catalog names Iceberg
 * metadata, whose names are those of the event types. No template has them, since an update of its stack would write
 * back what the template says. They go with their database. The function leaves tables that it did not make.
 */
export function allowPublishing(caller: BundleFunction, database: string): void {
  caller.allow(
    ['glue:CreateTable', 'glue:GetTable', 'glue:UpdateTable'],
    [arns.glueCatalog(), arns.glueDatabase(database), arns.glueTable(database, '*')],
  );
}
