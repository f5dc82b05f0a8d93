import { ServiceError, type JsonService } from '@sluice/local-http';
import type { GlueCatalog, TableInput } from './glue-catalog';

/** Returns the operations of Glue's Data Catalog that Sluice uses. */
export const glueApi = (catalog: GlueCatalog): JsonService => ({
  target: 'AWSGlue',
  signingName: 'glue',
  version: '1.1',
  // An operation on a table needs the same on its database and on the catalog (AWS Glue guide: "Specifying resource
  // ARNs").
  resourcesOf: (_operation, { DatabaseName, Name, TableInput: input }, arnOf) => {
    const { Name: name = Name } = (input ?? {}) as { readonly Name?: unknown };
    const database = text(DatabaseName, 'DatabaseName');
    return [
      arnOf('catalog'),
      arnOf(`database/${database}`),
      arnOf(`table/${database}/${name === undefined ? '*' : text(name, 'Name')}`),
    ];
  },
  operations: {
    GetTable: ({ DatabaseName, Name }) => ({
      Table: catalog.find(text(DatabaseName, 'DatabaseName'), text(Name, 'Name')),
    }),
    GetTables: ({ DatabaseName }) => ({
      TableList: catalog.tables(text(DatabaseName, 'DatabaseName')),
    }),
    CreateTable: ({ DatabaseName, TableInput: input }) => {
      catalog.create(text(DatabaseName, 'DatabaseName'), tableInput(input));
      return {};
    },
    UpdateTable: ({ DatabaseName, TableInput: input, VersionId }) => {
      const versionId = VersionId === undefined ? undefined : text(VersionId, 'VersionId');
      catalog.update(text(DatabaseName, 'DatabaseName'), tableInput(input), versionId);
      return {};
    },
    DeleteTable: ({ DatabaseName, Name }) => {
      catalog.delete(text(DatabaseName, 'DatabaseName'), text(Name, 'Name'));
      return {};
    },
  },
});

const invalid = (message: string): ServiceError =>
  new ServiceError('InvalidInputException', message);

/** Checks a text of one line, as Glue's names are. @throws {@link ServiceError} */
function text(value: unknown, member: string): string {
  if (typeof value === 'string' && /^[^\r\n]{1,255}$/.test(value)) return value;
  throw invalid(`${member} is not 1 to 255 characters of one line`);
}

/** Members of `TableInput` (AWS Glue API reference). Those of an answer, such as `CreateTime`, are not among them. */
const members = new Set([
  'Name',
  'Description',
  'Owner',
  'LastAccessTime',
  'LastAnalyzedTime',
  'Retention',
  'StorageDescriptor',
  'PartitionKeys',
  'ViewOriginalText',
  'ViewExpandedText',
  'TableType',
  'Parameters',
  'TargetTable',
  'ViewDefinition',
]);

function tableInput(value: unknown): TableInput {
  if (typeof value !== 'object' || value === null) throw invalid('TableInput is missing');
  const strange = Object.keys(value).find((name) => !members.has(name));
  if (strange !== undefined) throw invalid(`TableInput has no member ${strange}`);
  const { Name, Parameters = {}, StorageDescriptor } = value as Record<string, unknown>;
  if (Object.values(Parameters as object).some((one) => typeof one !== 'string'))
    throw invalid('Parameters holds what is no text');
  const { Columns = [] } = (StorageDescriptor ?? {}) as {
    readonly Columns?: readonly { readonly Name?: unknown; readonly Comment?: string }[];
  };
  for (const { Name: column, Comment } of Columns) {
    text(column, 'Column.Name');
    if (Comment !== undefined && !/^[^\r\n]{0,255}$/.test(Comment))
      throw invalid('Column.Comment is not up to 255 characters of one line');
  }
  return { ...value, Name: text(Name, 'Name') };
}
