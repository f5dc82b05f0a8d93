/** A view that must be created before a query runs. */
export interface CatalogView {
  readonly database: string;
  readonly name: string;
  readonly sql: string;
  /** Files that the view reads directly; none where it is defined over other views. */
  readonly files: readonly string[];
}
