import {
  GlueConflictError,
  type GlueTableInput,
  type GlueTables,
  type StoredGlueTable,
} from '@sluice/aws-clients/glue';
import {
  currentSchema,
  hiveType,
  versionOfName,
  type IcebergField,
  type TableMetadata,
} from '@sluice/iceberg-metadata';
import type { CatalogPointer } from './newest-version';

const maxAttempts = 8;

/** Names of the parameters by which engines know an Iceberg table (Iceberg's `GlueTableOperations`). */
const pointsTo = 'metadata_location';
const pointedTo = 'previous_metadata_location';
const tableType = 'table_type';
const iceberg = 'ICEBERG';

/**
 * Makes tables of a Glue database name the newest metadata. Such a table is made here and not by a template, because
 * an update of a stack would write back the parameters of the template.
 *
 * What it remembers of a table only saves requests: an update names the version that it was made from; if another
 * writer has changed the table, Glue refuses the update, and the table is read again.
 */
export class GluePointer implements CatalogPointer {
  readonly #tables: GlueTables;
  readonly #known = new Map<string, StoredGlueTable>();

  constructor(tables: GlueTables) {
    this.#tables = tables;
  }

  /** @throws Error where the name is taken by a table that is not ours */
  async point(
    table: string,
    location: string,
    { number, metadata }: Parameters<CatalogPointer['point']>[2],
  ): Promise<void> {
    for (let attempt = 1; ; attempt++)
      try {
        const found = this.#known.get(table) ?? (await this.#tables.find(table));
        if (!found) {
          const input = tableInput(table, metadata, { location });
          await this.#tables.create(input);
          this.#known.set(table, { versionId: '0', input });
          return;
        }
        this.#refuseOthers(table, found, metadata.location);
        this.#known.set(table, found);
        if (versionAt(found, metadata.location) >= number) return;
        const input = tableInput(table, metadata, { location, before: found.input });
        await this.#tables.update(input, found.versionId);
        const versionId = nextVersionId(found.versionId);
        if (versionId === undefined) this.#known.delete(table);
        else this.#known.set(table, { versionId, input });
        return;
      } catch (error) {
        this.#known.delete(table);
        if (!(error instanceof GlueConflictError) || attempt === maxAttempts) throw error;
      }
  }

  #refuseOthers(name: string, { input }: StoredGlueTable, location: string): void {
    const { TableType: type, Parameters: parameters = {} } = input;
    const isIceberg = parameters[tableType]?.toUpperCase() === iceberg;
    if (isIceberg && parameters[pointsTo]?.startsWith(`${location}/`)) return;
    const { database } = this.#tables;
    if (type === 'VIRTUAL_VIEW' && parameters['presto_view'] === 'true')
      throw new Error(
        `${name} in the Glue database ${database} is a view, as earlier releases had it: deploy analytics, whose stack takes it away`,
      );
    throw new Error(
      `the Glue database ${database} has a table ${name} that Sluice did not make (${isIceberg ? `its metadata is ${parameters[pointsTo] ?? 'nowhere'}` : (type ?? 'no type')}): rename or delete it`,
    );
  }
}

/**
 * Returns the number of the version that a table names; 0 where it names a file that no publisher wrote. The manifests
 * decide what a published table holds, so the commit of another writer does not stay.
 */
function versionAt({ input }: StoredGlueTable, location: string): number {
  const named = input.Parameters?.[pointsTo] ?? '';
  return versionOfName(named.slice(`${location}/metadata/`.length)) ?? 0;
}

/**
 * Returns the number that Glue gives a table's next state, since its answer does not tell; undefined where it can't be
 * known. A wrong one is refused.
 */
function nextVersionId(versionId: string | undefined): string | undefined {
  return versionId !== undefined && /^\d{1,15}$/.test(versionId)
    ? String(Number(versionId) + 1)
    : undefined;
}

/** Describes a version of a table to Glue. What people added to its parameters and its description stays. */
function tableInput(
  name: string,
  metadata: TableMetadata,
  { location, before }: { readonly location: string; readonly before?: GlueTableInput },
): GlueTableInput {
  const previous = before?.Parameters?.[pointsTo];
  return {
    Name: name,
    TableType: 'EXTERNAL_TABLE',
    ...(before?.Description !== undefined && { Description: before.Description }),
    ...(before?.Owner !== undefined && { Owner: before.Owner }),
    Parameters: {
      ...before?.Parameters,
      EXTERNAL: 'TRUE',
      [tableType]: iceberg,
      [pointsTo]: location,
      ...(previous !== undefined && { [pointedTo]: previous }),
    },
    StorageDescriptor: {
      Location: metadata.location,
      Columns: currentSchema(metadata).fields.map(glueColumn),
    },
  };
}

/** Largest number of characters in a column's comment (AWS Glue API reference: Column). */
const maxCommentLength = 255;

/** Describes a column to the catalogue. Engines read the columns from the metadata; these are for people. */
const glueColumn = ({ id, name, required, type, doc }: IcebergField) => ({
  Name: name,
  Type: hiveType(type),
  ...(doc !== undefined && { Comment: comment(doc) }),
  Parameters: {
    'iceberg.field.id': String(id),
    'iceberg.field.optional': String(!required),
    'iceberg.field.current': 'true',
  },
});

/** Returns a text as one line that Glue takes, since its pattern for comments allows no line ends. */
const comment = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= maxCommentLength ? line : `${line.slice(0, maxCommentLength - 1)}…`;
};
