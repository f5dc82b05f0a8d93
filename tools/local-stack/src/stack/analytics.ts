import { s3Client } from '@sluice/aws-clients';
import {
  localAccount,
  type ResolvedResource,
  type TemplateResolver,
} from '@sluice/local-cloudformation';
import {
  athenaApi,
  athenaTasks,
  type QueryExecution,
  QueryExecutions,
  startQueryProcess,
  type WorkGroup,
} from '@sluice/local-athena';
import { type CatalogedTable, glueApi, GlueCatalog } from '@sluice/local-glue';
import { RecordFolder } from '@sluice/local-state-files';
import { startAwsJson } from '@sluice/local-http';
import { type Credentials, type DataDir, lakeCatalog } from '@sluice/lake';
import { lambdaApi, type LocalFunction } from '@sluice/local-lambda';
import type { LastingServers } from './lasting-servers';
import type { LogFiles } from '../log-files';
import type { LocalS3 } from '@sluice/local-s3';
import type { Roles } from './roles';
import { openSecrets, secretsManagerApi } from '@sluice/local-secrets-manager';
import {
  type DeployedStateMachine,
  type Execution,
  Executions,
  readStateMachine,
  stepFunctionsApi,
  taskRunner,
} from '@sluice/local-step-functions';

export interface StartAnalyticsOptions {
  readonly resolver: TemplateResolver;
  readonly dataDir: DataDir;
  readonly credentials: Credentials;
  readonly roles: Roles;
  /** Origins whose pages may call. */
  readonly allowedOrigins: readonly string[];
  readonly port: number;
  /** Servers whose ports stay open after the stack. @default the port is closed with it */
  readonly servers?: LastingServers | undefined;
  readonly s3: LocalS3;
  /** Returns the function with a name, for Lambda's own API. */
  readonly functionNamed: (name: string) => LocalFunction | undefined;
  /** Path of the built `query-worker`. */
  readonly queryWorker: string;
  readonly logs: LogFiles;
}

export interface Analytics {
  /** Endpoint of Athena, Step Functions, Secrets Manager, Glue and Lambda, without a trailing slash. */
  readonly url: string;
  readonly executions: Executions;
  /** Stops running executions and queries, and accepts no further ones. */
  close(): Promise<void>;
}

/** Memory of one query's engine in MB; it spills to disk beyond that. */
const queryMemoryMb = 1024;

/** Longest time of a query in milliseconds, which is Athena's default ("Service Quotas": DML query timeout). */
const queryTimeoutMs = 30 * 60_000;

/** Starts Athena over the lake's files, and Step Functions with the state machines of the templates. */
export async function startAnalytics({
  resolver,
  dataDir,
  credentials,
  roles,
  allowedOrigins,
  port,
  servers,
  s3,
  functionNamed,
  queryWorker,
  logs,
}: StartAnalyticsOptions): Promise<Analytics> {
  const engine = startQueryProcess(queryWorker, {
    catalog: lakeCatalog(resolver),
    objects: dataDir.objects,
    memoryMb: queryMemoryMb,
  });
  const athena = new QueryExecutions({
    objects: dataDir.objects,
    records: new RecordFolder<QueryExecution>(dataDir.athena),
    workGroups: [
      ...resolver.resources('AWS::Athena::WorkGroup').map(workGroup),
      // Every account has this workgroup.
      { name: 'primary', outputLocation: undefined, isEnforced: false },
    ],
    run: (query, signal) => engine.run(query, signal),
    timeoutMs: queryTimeoutMs,
  });
  const executions = new Executions({
    machines: resolver.resources('AWS::StepFunctions::StateMachine').map(deployed),
    records: new RecordFolder<Execution>(dataDir.stepFunctions),
    runTask: taskRunner({
      athena: athenaTasks(athena),
      s3Of: perRole((roleArn) =>
        s3Client({
          endpoint: s3.url,
          region: localAccount.region,
          credentials: roles.credentialsOf(roleArn),
        }),
      ),
    }),
    log: (machine, line) => logs.logger(machine)(line),
  });
  const secrets = openSecrets(
    dataDir.secretsFile,
    resolver.resources('AWS::SecretsManager::Secret').map(({ ref, properties }) => ({
      name: ref,
      generate: (properties['GenerateSecretString'] ?? {}) as Readonly<Record<string, unknown>>,
    })),
  );
  const logError = logs.logger('analytics-services');
  const server = await startAwsJson({
    port,
    credentials,
    permits: roles.permits,
    account: localAccount,
    allowedOrigins,
    services: [
      athenaApi(athena),
      stepFunctionsApi(executions),
      secretsManagerApi(secrets),
      glueApi(new GlueCatalog(new RecordFolder<CatalogedTable>(dataDir.glue))),
    ],
    paths: [lambdaApi(functionNamed, ({ message }) => logError(message))],
    serve: servers?.serve,
    reportError: (error) => {
      logError(String(error));
    },
  });
  return {
    url: server.url,
    executions,
    close: async () => {
      await executions.close();
      await athena.close();
      await Promise.all([server.close(), engine.close()]);
    },
  };
}

/** Returns a function that makes a value for each role once. */
function perRole<Value>(make: (roleArn: string) => Value): (roleArn: string) => Value {
  const made = new Map<string, Value>();
  return (roleArn) => {
    const value = made.get(roleArn) ?? make(roleArn);
    made.set(roleArn, value);
    return value;
  };
}

function workGroup({ ref, properties }: ResolvedResource): WorkGroup {
  const { ResultConfiguration, EnforceWorkGroupConfiguration = true } = (properties[
    'WorkGroupConfiguration'
  ] ?? {}) as {
    readonly ResultConfiguration?: { readonly OutputLocation?: string };
    readonly EnforceWorkGroupConfiguration?: boolean;
  };
  return {
    name: ref,
    outputLocation: ResultConfiguration?.OutputLocation,
    isEnforced: EnforceWorkGroupConfiguration,
  };
}

/** Reads a state machine of the templates. @throws {@link DefinitionRefused} where its definition can't be run here */
function deployed({ arn, properties }: ResolvedResource): DeployedStateMachine {
  const { DefinitionString, Definition, DefinitionSubstitutions = {}, RoleArn } = properties;
  const text = typeof DefinitionString === 'string' ? DefinitionString : JSON.stringify(Definition);
  const definition = Object.entries(DefinitionSubstitutions as object).reduce(
    (filled, [name, value]) => filled.replaceAll(`\${${name}}`, String(value)),
    text,
  );
  return {
    arn,
    name: arn.split(':').at(-1) ?? '',
    roleArn: String(RoleArn),
    definition: readStateMachine(definition),
  };
}
