/** A publishable package and what its consumers must print: the programs of `consumers/<name>`. */
export interface ConsumedPackage {
  /** Name of the project, and of the folders in `dist/packages` and `consumers`. */
  readonly name: string;
  /** What `use.mjs`, `use.cjs` and `use.ts` print. */
  readonly prints: string;
  /** Title that `page.html` sets once it is done; without it the package is not for browsers. */
  readonly pageTitle?: string;
}

export const consumedPackages: readonly ConsumedPackage[] = [
  { name: 'ingest-client', prints: '["accepted","rejected"]', pageTitle: '["accepted"]' },
  { name: 'parquet-reading', prints: '[["order-17",34]]' },
  {
    name: 'web-tracker',
    prints: 'consent flush pageView track',
    pageTitle: '["function",[]]',
  },
];
