/** Names of an app in the places that mention it. */
export interface AppNames {
  /** Name of the project, its folder and its core: `row-counts`. */
  readonly name: string;
  /** Name in types and the stack: `RowCounts`. */
  readonly type: string;
  /** Name in functions: `rowCounts`. */
  readonly variable: string;
  /** Name in sentences: `row counts`. */
  readonly title: string;
}

/** Returns the names of an app. @throws Error where the name does not suit a project, a stack and a function */
export function appNames(name: string): AppNames {
  // A function's name has at most 64 characters, `sluice-staging-` included (Lambda API reference: CreateFunction).
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name) || name.length > 40)
    throw new Error(
      `"${name}" can't be the name of an app: use lower case, digits and single hyphens, such as row-counts, and 40 characters at most.`,
    );
  const words = name.split('-');
  const type = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return {
    name,
    type,
    variable: type.charAt(0).toLowerCase() + type.slice(1),
    title: words.join(' '),
  };
}

/** Libraries that a generated app imports. */
export const appLibraries: readonly string[] = ['aws-clients', 'event-schema', 'lake-layout'];

/** Actions that a generated app may call, in addition to logs and traces. */
export const appActions: readonly string[] = ['s3:ListBucket'];

/** Returns the files of an app by their path in its folder. */
export const appFiles = (names: AppNames): Readonly<Record<string, string>> => ({
  'project.json': projectSource(names),
  'tsconfig.json': tsconfigSource,
  'README.md': readmeSource(names),
  'src/main.ts': mainSource(names),
  'src/handler.ts': handlerSource(names),
  'src/handler.spec.ts': handlerSpecSource(names),
  'src/telemetry.ts': telemetrySource(names),
  [`src/${names.name}.ts`]: coreSource(names),
  [`src/${names.name}.spec.ts`]: coreSpecSource(names),
});

const projectSource = ({ name }: AppNames): string =>
  JSON.stringify({
    $schema: '../../node_modules/nx/schemas/project-schema.json',
    name,
    projectType: 'application',
    sourceRoot: `apps/${name}/src`,
    tags: ['type:app', `scope:${name}`],
    metadata: { bundle: { main: 'src/main.ts' } },
  });

const tsconfigSource = `{ "extends": "../../tsconfig.base.json", "include": ["src/**/*.ts"] }`;

const mainSource = ({ variable }: AppNames): string => `
import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { bundleFolder, requiredVariables } from '@sluice/aws-clients/environment';
import { readBundledEventTypes } from '@sluice/event-schema/node';
import { ${variable}Handler } from './handler';
import { lambdaTelemetry } from './telemetry';

const { LAKE_BUCKET: bucket } = requiredVariables({ LAKE_BUCKET: 'the bucket of the lake' });

export const handler = ${variable}Handler({
  eventTypes: readBundledEventTypes(bundleFolder()),
  store: s3ObjectStore({ client: s3Client(), bucket }),
  telemetry: lambdaTelemetry(),
});
`;

const handlerSource = ({ name, type, variable }: AppNames): string => `
import type { Context } from 'aws-lambda';
import { ${variable}, type ${type}Options, type ${type}Summary } from './${name}';
import type { Telemetry } from './telemetry';

export interface ${type}HandlerOptions extends ${type}Options {
  readonly telemetry: Telemetry;
}

/** Returns the function. It takes a request such as \`{"table":"order","date":"2026-01-31"}\` and returns a summary. */
export const ${variable}Handler =
  ({ telemetry, ...options }: ${type}HandlerOptions) =>
  async (event: unknown, context: Context): Promise<${type}Summary> => {
    telemetry.invocationBegins(context);
    const { table, date } = (event ?? {}) as { readonly table?: unknown; readonly date?: unknown };
    const summary = await ${variable}({ table: String(table), date: String(date) }, options);
    telemetry.done(summary);
    return summary;
  };
`;

const handlerSpecSource = ({ variable }: AppNames): string => `
import { defineEvent } from '@sluice/event-schema';
import { MemoryObjectStore } from '@sluice/lake-layout';
import type { Context } from 'aws-lambda';
import { ${variable}Handler } from './handler';

const order = defineEvent({
  name: 'order',
  version: '1.0.0',
  key: 'id',
  schema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
});

test('answers with the summary, and tells of it under the ids of the invocation', async () => {
  const told: unknown[] = [];
  const handler = ${variable}Handler({
    eventTypes: [order],
    store: new MemoryObjectStore(),
    telemetry: {
      invocationBegins: ({ awsRequestId }) => told.push(awsRequestId),
      done: (summary) => told.push(summary),
    },
  });
  const context = { awsRequestId: 'r1' } as Context;
  const summary = await handler({ table: 'order', date: '2026-01-31' }, context);
  expect(summary).toEqual({ table: 'order', date: '2026-01-31', files: 0, bytes: 0 });
  expect(told).toEqual(['r1', summary]);
  await expect(handler(undefined, context)).rejects.toThrow('there is no table "undefined"');
});
`;

const telemetrySource = ({ name, type }: AppNames): string => `
import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { ${type}Summary } from './${name}';

/** Log of the function's work. */
export interface Telemetry {
  /** Puts the invocation's ids on the log lines that follow. */
  invocationBegins(context: Context): void;
  done(summary: ${type}Summary): void;
}

/** Writes log lines as JSON. They must not contain data of an event. */
export function lambdaTelemetry(): Telemetry {
  const logger = new Logger({ serviceName: '${name}' });
  return {
    invocationBegins: (context) => logger.addContext(context),
    done: (summary) => logger.info('done', { ...summary }),
  };
}
`;

const coreSource = ({ type, variable }: AppNames): string => `
import { tableName, type EventType } from '@sluice/event-schema';
import { rawPrefix, type LakeDate, type ObjectStore } from '@sluice/lake-layout';

export interface ${type}Options {
  readonly eventTypes: readonly EventType[];
  readonly store: Pick<ObjectStore, 'list'>;
}

export interface ${type}Request {
  readonly table: string;
  /** \`YYYY-MM-DD\`, UTC. */
  readonly date: LakeDate;
}

export interface ${type}Summary extends ${type}Request {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Counts the raw files of a table on a day. This is the core, which depends neither on an envelope nor on AWS: replace
 * it with your own work.
 *
 * @throws Error where there is no such table or day
 */
export async function ${variable}(
  { table, date }: ${type}Request,
  { eventTypes, store }: ${type}Options,
): Promise<${type}Summary> {
  const tables = eventTypes.map(tableName);
  if (!tables.includes(table))
    throw new Error(\`there is no table "\${table}"; there is \${tables.join(', ')}\`);
  if (!/^\\d{4}-\\d{2}-\\d{2}$/.test(date))
    throw new Error(\`date "\${date}" is not a day such as 2026-01-31\`);
  const summary = { table, date, files: 0, bytes: 0 };
  for await (const { bytes } of store.list(rawPrefix(table, date))) {
    summary.files++;
    summary.bytes += bytes;
  }
  return summary;
}
`;

const coreSpecSource = ({ name, variable }: AppNames): string => `
import { defineEvent } from '@sluice/event-schema';
import { MemoryObjectStore, rawPrefix } from '@sluice/lake-layout';
import { ${variable} } from './${name}';

const order = defineEvent({
  name: 'order',
  version: '1.0.0',
  key: 'id',
  schema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
});
const date = '2026-01-31';

test('counts the raw files of one day', async () => {
  const store = new MemoryObjectStore();
  for (const key of ['hour=01/a.parquet', 'hour=23/b.parquet'])
    await store.put(rawPrefix('order', date) + key, new Uint8Array(7));
  await store.put(\`\${rawPrefix('order', '2026-02-01')}hour=00/c.parquet\`, new Uint8Array(7));
  expect(await ${variable}({ table: 'order', date }, { eventTypes: [order], store })).toEqual({
    table: 'order',
    date,
    files: 2,
    bytes: 14,
  });
});

test('says which tables there are, and what a day looks like', async () => {
  const options = { eventTypes: [order], store: new MemoryObjectStore() };
  await expect(${variable}({ table: 'orders', date }, options)).rejects.toThrow(
    'there is no table "orders"; there is order',
  );
  await expect(${variable}({ table: 'order', date: 'today' }, options)).rejects.toThrow(
    'date "today" is not a day such as 2026-01-31',
  );
});
`;

const readmeSource = ({ name, type, title }: AppNames): string => `# ${name}

Counts the raw files of a table and a day: say here what the app does, for whom, and what it does not do.

\`\`\`
{"table":"order","date":"2026-01-31"}  ▶  ${name}  ▶  {"table":"order","date":"2026-01-31","files":2,"bytes":14}
\`\`\`

| | |
|---|---|
| entry | \`src/main.ts\` reads the environment and makes the parts; \`handler.ts\` is the envelope, \`${name}.ts\` the core, \`telemetry.ts\` what is logged |
| environment | \`LAKE_BUCKET\` the bucket of the lake; \`event-types.json\` lies beside the bundle |
| rights | to list the bucket; its stack is [\`${name}-stack.ts\`](../infra/src/stacks/${name}-stack.ts) |
| may import | libraries with the tags model, logic and adapter; no other app |
| alarm | [${name}-failing](../../docs/runbooks/${name}-failing.md) |
| what it promises | \`src/${name}.spec.ts\` (${title}), \`src/handler.spec.ts\` |

Deploy it with \`npx nx deploy ${name}\`; the stack is \`sluice-<stage>-${name}\` (\`${type}\` in CDK).
`;

export const stackSource = ({ name, type, title }: AppNames): string => `
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Alarms } from '../constructs/alarms';
import { arns } from '../constructs/arns';
import { BundleFunction } from '../constructs/bundle-function';
import type { Deployment } from '../deployment';
import { SluiceStack } from './sluice-stack';

/** The function of ${title}, and its alarm. */
export class ${type}Stack extends SluiceStack {
  constructor(scope: Construct, deployment: Deployment) {
    super(scope, '${type}', '${name}', '${title}', deployment);
    const { settings, eventTypes } = deployment;
    const bucketName = this.read(this.parameters.bucketName);

    const lambda = new BundleFunction(this, 'Function', {
      deployment,
      app: '${name}',
      functionName: \`sluice-\${settings.stage}-${name}\`,
      description: 'Counts the raw files of a day',
      eventTypes,
      environment: { LAKE_BUCKET: bucketName },
      memoryMegabytes: 512,
      timeoutSeconds: 60,
    });
    // Each action stands in the list of security.spec.ts as well.
    lambda.allow(['s3:ListBucket'], [arns.bucket(bucketName)]);

    const topicArn = this.read(this.parameters.alarmTopicArn);
    new Alarms(this, 'Alarms', settings.stage, topicArn).add({
      runbook: '${name}-failing',
      subject: 'function',
      says: 'The function of ${title} fails.',
      metric: lambda.function.metricErrors({ period: Duration.minutes(1), statistic: 'Sum' }),
      above: 0,
    });
  }
}
`;

export const runbookSource = ({
  name,
  title,
}: AppNames): string => `# The function of ${title} fails

**Rings when** an invocation of \`sluice-<stage>-${name}\` failed.

## Look

What the function says, in \`/aws/lambda/sluice-<stage>-${name}\`:

\`\`\`
filter level = "ERROR" or @message like /Error/
\`\`\`

## Do

| what you see | do |
|---|---|
| \`AccessDenied\` | \`npx nx diff ${name} --configuration=<stage>\`, then deploy. |
| errors since a deployment | Deploy the commit before: \`npx nx deploy ${name} --configuration=<stage>\`. |
`;
