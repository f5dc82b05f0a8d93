import { createHash } from 'node:crypto';
import { ServiceError } from '@sluice/local-http';
import type { RecordFolder } from '@sluice/local-state-files';

/** Description of a table by a caller. */
export type TableInput = Readonly<Record<string, unknown>> & { readonly Name: string };

/** A table as it is stored and answered. */
export type CatalogedTable = TableInput & {
  readonly DatabaseName: string;
  /** Version of the table: 0 when it was created, one more with each update. */
  readonly VersionId: string;
  /** Seconds since 1970. */
  readonly CreateTime: number;
  readonly UpdateTime: number;
};

type Records = Pick<RecordFolder<CatalogedTable>, 'open' | 'get' | 'put' | 'delete' | 'all'>;

/**
 * Keeps tables of databases, and refuses an update that was made from another state of its table. Source: AWS Glue
 * API reference, CreateTable, GetTable, UpdateTable, DeleteTable.
 */
export class GlueCatalog {
  readonly #records: Records;
  readonly #now: () => number;

  constructor(records: Records, { now = Date.now }: { readonly now?: () => number } = {}) {
    this.#records = records;
    this.#now = now;
    records.open();
  }

  tables(database: string): readonly CatalogedTable[] {
    return this.#records.all().filter((each) => each.DatabaseName === database);
  }

  /** @throws {@link ServiceError} EntityNotFoundException */
  find(database: string, name: string): CatalogedTable {
    const found = this.#records.get(idOf(database, name));
    if (!found)
      throw new ServiceError('EntityNotFoundException', `Entity Not Found: Table ${name}`);
    return found;
  }

  /** @throws {@link ServiceError} AlreadyExistsException */
  create(database: string, input: TableInput): void {
    if (this.#records.get(idOf(database, input.Name)))
      throw new ServiceError('AlreadyExistsException', `Table ${input.Name} already exists.`);
    const nowSeconds = this.#now() / 1000;
    this.#put({
      ...input,
      DatabaseName: database,
      VersionId: '0',
      CreateTime: nowSeconds,
      UpdateTime: nowSeconds,
    });
  }

  /**
   * Replaces a table.
   *
   * @param versionId state from which the update was made; undefined for any
   * @throws {@link ServiceError} EntityNotFoundException, ConcurrentModificationException
   */
  update(database: string, input: TableInput, versionId: string | undefined): void {
    const { VersionId, CreateTime } = this.find(database, input.Name);
    if (versionId !== undefined && versionId !== VersionId)
      throw new ServiceError(
        'ConcurrentModificationException',
        'Update table failed due to concurrent modifications.',
      );
    this.#put({
      ...input,
      DatabaseName: database,
      VersionId: String(Number(VersionId) + 1),
      CreateTime,
      UpdateTime: this.#now() / 1000,
    });
  }

  /** @throws {@link ServiceError} EntityNotFoundException */
  delete(database: string, name: string): void {
    this.find(database, name);
    this.#records.delete(idOf(database, name));
  }

  #put(table: CatalogedTable): void {
    this.#records.put(idOf(table.DatabaseName, table.Name), table);
  }
}

/** Returns the id of a table's record. Glue folds names to lower case (API reference: Table). */
const idOf = (database: string, name: string): string =>
  createHash('sha256').update(`${database}.${name}`.toLowerCase()).digest('hex');
