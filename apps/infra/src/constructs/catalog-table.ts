import type { CatalogTable } from '@sluice/event-schema';
import { Aws } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-glue';
import type { Construct } from 'constructs';

/** Creates a table or view of the lake's Glue database from its definition. */
export const catalogTable = (
  scope: Construct,
  id: string,
  databaseName: string,
  { tableInput: { partitionKeys, storageDescriptor, ...tableInput } }: CatalogTable,
): CfnTable =>
  new CfnTable(scope, id, {
    catalogId: Aws.ACCOUNT_ID,
    databaseName,
    tableInput: {
      ...tableInput,
      partitionKeys: [...partitionKeys],
      storageDescriptor: { ...storageDescriptor, columns: [...storageDescriptor.columns] },
    },
  });
