/** A team and what it owns. Names are those of GitHub teams; replace `@sluice` with your organisation. */
export interface Team {
  readonly team: string;
  readonly owns: string;
  /** Folders and files, relative to the workspace's root; a folder ends with `/`. */
  readonly paths: readonly string[];
}

/** The table of owners. `npx nx run workspace:codeowners` writes CODEOWNERS from it. */
export const teams: readonly Team[] = [
  {
    team: '@sluice/platform',
    owns: 'the workspace, the stacks’ common ground and whatever no other team owns',
    paths: [
      '*',
      'apps/infra/',
      'tools/',
      'libs/aws-clients/',
      'libs/lambda-http/',
      'libs/lake-layout/',
      'libs/event-files/',
      'libs/terminal/',
      'libs/cost-model/',
      'libs/traces/',
      'libs/waiting/',
      'libs/worker-calls/',
      'docs/',
      '.github/',
    ],
  },
  {
    team: '@sluice/schema',
    owns: 'the model of event types, what is derived from it, and how it is inferred',
    paths: [
      'libs/event-schema/',
      'libs/event-types/',
      'libs/schema-inference/',
      'libs/values/',
      'docs/guides/add-an-event-type.md',
    ],
  },
  {
    team: '@sluice/product-analytics',
    owns: 'an event type, as any team may own those that it sends (docs/guides/add-an-event-type.md)',
    paths: [
      'libs/event-types/src/events/product-event.ts',
      'libs/event-types/src/events/product-event.samples.ts',
    ],
  },
  {
    team: '@sluice/ingest',
    owns: 'the way into the streams',
    paths: [
      'apps/ingest-gateway/',
      'apps/infra/src/stacks/ingest-gateway-stack.ts',
      'libs/ingest-client/',
      'libs/web-tracker/',
      'docs/runbooks/ingest-failing.md',
      'docs/runbooks/stream-throttled.md',
    ],
  },
  {
    team: '@sluice/delivery',
    owns: 'the way from the streams to Parquet',
    paths: [
      'apps/firehose-transformer/',
      'apps/infra/src/stacks/firehose-transformer-stack.ts',
      'apps/infra/src/constructs/event-delivery.ts',
      'libs/privacy/',
      'libs/record-flattening/',
      'docs/runbooks/conversion-failing.md',
      'docs/runbooks/delivery-late.md',
      'docs/runbooks/error-output-growing.md',
      'docs/runbooks/transform-failing.md',
    ],
  },
  {
    team: '@sluice/maintenance',
    owns: 'compaction, reference tables and replay',
    paths: [
      'apps/lake-maintenance/',
      'apps/infra/src/stacks/lake-maintenance-stack.ts',
      'docs/guides/load-reference-data.md',
      'libs/columns/',
      'libs/failed-records/',
      'libs/iceberg-metadata/',
      'libs/parquet-writing/',
      'libs/stored-people/',
      'docs/runbooks/compaction-failing.md',
      'docs/runbooks/compaction-lagging.md',
      'docs/runbooks/erasure-late.md',
      'docs/runbooks/iceberg-lagging.md',
      'docs/runbooks/retention-late.md',
    ],
  },
  {
    team: '@sluice/lookup',
    owns: 'rows by id',
    paths: [
      'apps/lookup-api/',
      'apps/infra/src/stacks/lookup-api-stack.ts',
      'libs/parquet-reading/',
      'libs/row-formats/',
      'docs/runbooks/lookup-failing.md',
      'docs/runbooks/lookup-slow.md',
    ],
  },
  {
    team: '@sluice/analytics',
    owns: 'joins, named queries and what Athena sees',
    paths: [
      'apps/analytics/',
      'apps/infra/src/stacks/analytics-stack.ts',
      'docs/runbooks/analytics-failing.md',
      'docs/runbooks/join-failing.md',
    ],
  },
  {
    team: '@sluice/operations',
    owns: 'the state of the lake, failures and their replay, the console',
    paths: [
      'apps/console/',
      'apps/operations/',
      'apps/infra/src/stacks/console-stack.ts',
      'apps/infra/src/stacks/operations-stack.ts',
      'docs/runbooks/operations-failing.md',
    ],
  },
];
