// A separate entry point (@sluice/aws-clients/glue): tables of a Glue database, by a client that is loaded when the first one is needed.
import type { GlueClient, TableInput } from '@aws-sdk/client-glue';
import { identity, type ClientOptions } from './client-options';
import { endpointOverride } from './environment';

/** A table as Glue stores it. */
export interface StoredGlueTable {
  /** Version of the table. An update names the version that it was made from. */
  readonly versionId: string | undefined;
  readonly input: TableInput;
}

/** The tables of one Glue database. */
export interface GlueTables {
  readonly database: string;
  /** Returns a table; undefined where there is none of that name. */
  find(name: string): Promise<StoredGlueTable | undefined>;
  /** @throws GlueConflictError where there is one of that name already */
  create(input: TableInput): Promise<void>;
  /**
   * Replaces a table, without keeping its earlier state in the catalogue.
   *
   * @throws GlueConflictError where the table is gone, or no longer in the state that `versionId` names
   */
  update(input: TableInput, versionId: string | undefined): Promise<void>;
}

/** Error for a table that another writer has created, changed or deleted in the meantime. */
export class GlueConflictError extends Error {
  override readonly name = 'GlueConflictError';
}

export type { TableInput as GlueTableInput } from '@aws-sdk/client-glue';

/** Names of the exceptions that mean a conflict (AWS Glue API reference: CreateTable, UpdateTable). */
const conflicts = new Set([
  'AlreadyExistsException',
  'ConcurrentModificationException',
  'EntityNotFoundException',
]);

/**
 * Returns the tables of a Glue database. The SDK's client is not bundled, because Lambda's runtime brings it, and a
 * function that publishes nothing never loads it.
 */
export function glueTables(
  database: string,
  {
    environment = process.env,
    endpoint = endpointOverride('GLUE', environment),
    maxAttempts = 3,
    ...who
  }: ClientOptions = {},
): GlueTables {
  let loaded:
    | Promise<{ sdk: typeof import('@aws-sdk/client-glue'); client: GlueClient }>
    | undefined;
  const load = (): NonNullable<typeof loaded> =>
    (loaded ??= import('@aws-sdk/client-glue').then((sdk) => ({
      sdk,
      client: new sdk.GlueClient({
        ...identity(who),
        maxAttempts,
        ...(endpoint !== undefined && { endpoint }),
      }),
    })));
  return {
    database,
    find: async (name) => {
      const { sdk, client } = await load();
      try {
        const { Table } = await client.send(
          new sdk.GetTableCommand({ DatabaseName: database, Name: name }),
        );
        if (!Table) return undefined;
        return { versionId: Table.VersionId, input: { ...Table, Name: name } };
      } catch (error) {
        if ((error as Error).name === 'EntityNotFoundException') return undefined;
        throw error;
      }
    },
    create: async (input) => {
      const { sdk, client } = await load();
      await conflicting(
        client.send(new sdk.CreateTableCommand({ DatabaseName: database, TableInput: input })),
      );
    },
    update: async (input, versionId) => {
      const { sdk, client } = await load();
      await conflicting(
        client.send(
          new sdk.UpdateTableCommand({
            DatabaseName: database,
            TableInput: input,
            SkipArchive: true,
            ...(versionId !== undefined && { VersionId: versionId }),
          }),
        ),
      );
    },
  };
}

async function conflicting(sent: Promise<unknown>): Promise<void> {
  try {
    await sent;
  } catch (error) {
    const { name, message } = error as Error;
    throw conflicts.has(name) ? new GlueConflictError(message, { cause: error }) : error;
  }
}
