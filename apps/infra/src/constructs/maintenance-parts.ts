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
 * Allows a function to create and change tables of the lake's database that point to Iceberg metadata and are named
 * after the event types. No template defines them, because an update of its stack would revert their pointers. They
 * are deleted with their database. The function does not touch tables that it did not create.
 */
export function allowPublishing(caller: BundleFunction, database: string): void {
  caller.allow(
    ['glue:CreateTable', 'glue:GetTable', 'glue:UpdateTable'],
    [arns.glueCatalog(), arns.glueDatabase(database), arns.glueTable(database, '*')],
  );
}
