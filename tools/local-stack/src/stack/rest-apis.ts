import type { RequestListener } from 'node:http';
import { createRestApi, type RestApi } from '@sluice/local-api-gateway';
import {
  localAccount,
  type ResolvedResource,
  type TemplateResolver,
} from '@sluice/local-cloudformation';
import { admitCaller, callerCheck, startLocalServer } from '@sluice/local-http';
import { scopedApiKey, type Credentials } from '@sluice/lake';
import type { LocalKinesis } from '@sluice/local-kinesis';
import type { LocalFunction } from '@sluice/local-lambda';
import type { LogFiles } from '../log-files';
import { apiApps, portFault, portsFrom } from '../ports';
import type { LastingServers } from './lasting-servers';
import type { Roles } from './roles';

export interface ServeApisOptions {
  readonly resolver: TemplateResolver;
  /** First of the stack's consecutive ports. */
  readonly port: number;
  readonly credentials: Credentials;
  readonly roles: Pick<Roles, 'credentialsOf'>;
  /** Origins whose pages may call, in addition to those of this machine. */
  readonly allowedOrigins: readonly string[];
  readonly kinesis: LocalKinesis;
  readonly functionOf: (arn: string) => LocalFunction;
  readonly logs: LogFiles;
  /** Servers whose ports stay open after the stack. @default the ports are closed with the stack */
  readonly servers?: LastingServers | undefined;
}

/** A REST API of the templates, with the settings of its stage and its usage plan. */
export interface DeployedApi {
  /** Name of the API in `endpoints.json`; the app's own name where that file has no name for it. */
  readonly name: string;
  /** App whose stack holds the API. */
  readonly app: string;
  readonly document: unknown;
  readonly stageName: string;
  /** The API's keys by their id; a key with scopes has a name. */
  readonly keys: readonly { readonly id: string; readonly name: string | undefined }[];
  readonly accessLogFormat: string | undefined;
  readonly throttle: { readonly requestsPerSecond: number; readonly burst: number } | undefined;
}

/**
 * Decides whether an API requires sign-in to a user pool. A laptop has no user pool, and uses the console's own
 * server instead.
 */
const isForPeople = (document: unknown): boolean => {
  const { components } = document as {
    readonly components?: { readonly securitySchemes?: Readonly<Record<string, object>> };
  };
  return Object.values(components?.securitySchemes ?? {}).some(
    (scheme) =>
      'x-amazon-apigateway-authtype' in scheme &&
      scheme['x-amazon-apigateway-authtype'] === 'cognito_user_pools',
  );
};

/**
 * Returns the REST APIs of the templates, except the one that requires sign-in: first those with a name in
 * `endpoints.json`, then any others in the order of their stacks.
 *
 * @throws Error where one with a name in `endpoints.json` is missing
 */
function deployedApis(resolver: TemplateResolver): readonly DeployedApi[] {
  const restApis = resolver
    .resources('AWS::ApiGateway::RestApi')
    .filter(({ properties }) => !isForPeople(properties['Body']));
  const found = restApis.map((api) => {
    const inStack = ({ stackName }: ResolvedResource): boolean => stackName === api.stackName;
    const stage = resolver.resources('AWS::ApiGateway::Stage').find(inStack);
    const plan = resolver.resources('AWS::ApiGateway::UsagePlan').find(inStack);
    const { RateLimit, BurstLimit } = (plan?.properties['Throttle'] ?? {}) as {
      readonly RateLimit?: number;
      readonly BurstLimit?: number;
    };
    const { Format } = (stage?.properties['AccessLogSetting'] ?? {}) as {
      readonly Format?: string;
    };
    const apiName = String(api.properties['Name']);
    const keys = resolver
      .resources('AWS::ApiGateway::ApiKey')
      .filter(inStack)
      .map(({ ref, properties }) => {
        const name = String(properties['Name']);
        return {
          id: ref,
          name: name.startsWith(`${apiName}-`) ? name.slice(apiName.length + 1) : undefined,
        };
      });
    // The stack's name is `sluice-<stage>-<app>`.
    const app = api.stackName.split('-').slice(2).join('-');
    return {
      name: Object.entries(apiApps).find(([, known]) => known === app)?.[0] ?? app,
      app,
      document: api.properties['Body'],
      keys,
      stageName: stage ? String(stage.properties['StageName']) : 'local',
      accessLogFormat: Format,
      throttle:
        RateLimit !== undefined && BurstLimit !== undefined
          ? { requestsPerSecond: RateLimit, burst: BurstLimit }
          : undefined,
    };
  });
  const named = Object.entries(apiApps).map(([name, app]) => {
    const api = found.find((one) => one.name === name);
    if (!api) throw new Error(`no stack ${app} with a REST API in the assembly`);
    return api;
  });
  return [...named, ...found.filter((api) => !named.includes(api))];
}

export interface ServedApis {
  /** Base URLs by {@link DeployedApi.name}. */
  readonly urls: Readonly<Record<string, string>>;
  /** API keys with scopes, by their names. */
  readonly scopedApiKeys: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Serves the REST APIs of the templates on 127.0.0.1. @throws PortTakenError, PortRefusedError */
export async function serveApis({ port, ...options }: ServeApisOptions): Promise<ServedApis> {
  const { resolver, allowedOrigins } = options;
  // The templates' rules for pages apply to the deployed API; here, its key is the only other protection.
  const mayCall = callerCheck({ allowedOrigins, allowsLocalPages: true });
  const apis = deployedApis(resolver);
  const ports = portsFrom(
    port,
    apis.map(({ name }) => name),
  );
  const urls: Record<string, string> = {};
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(closers.map((closer) => closer()));
  };
  for (const { name, ...deployed } of apis) {
    const api = restApi(deployed, options);
    const at = ports[name] ?? 0;
    try {
      const listener: RequestListener = (request, response) => {
        if (admitCaller(mayCall, request, response)) api.listener(request, response);
      };
      const server = await (options.servers?.serve(listener, at) ?? startLocalServer(listener, at));
      urls[name] = server.url;
      closers.push(async () => {
        await server.close();
        api.close();
      });
    } catch (error) {
      api.close();
      await close();
      throw portFault(error as NodeJS.ErrnoException, at, name);
    }
  }
  const names = apis.flatMap(({ keys }) => keys.flatMap(({ name }) => name ?? []));
  const scopedApiKeys = Object.fromEntries(
    names.map((name) => [name, scopedApiKey(options.credentials, name)]),
  );
  return { urls, scopedApiKeys, close };
}

function restApi(
  { app, document, stageName, keys, accessLogFormat, throttle }: Omit<DeployedApi, 'name'>,
  { credentials, roles, kinesis, functionOf, logs }: Omit<ServeApisOptions, 'port' | 'servers'>,
): RestApi {
  const logError = logs.logger(app);
  return createRestApi({
    document,
    stageName,
    apiKeys: [
      ...(keys.some(({ name }) => name === undefined) ? [] : [{ value: credentials.apiKey }]),
      ...keys.map(({ id, name }) => ({
        id,
        value: name === undefined ? credentials.apiKey : scopedApiKey(credentials, name),
      })),
    ],
    credentials,
    ...(throttle && { throttle }),
    kinesis: {
      endpoint: kinesis.url,
      region: localAccount.region,
      credentials,
      credentialsOf: (roleArn) => roles.credentialsOf(roleArn),
    },
    invokeFunction: async (arn, payload, abandoned) => {
      const outcome = await functionOf(arn).invoke(payload, abandoned);
      if (!outcome.ok) throw new Error(`${outcome.errorType}: ${outcome.message}`);
      return outcome.payload;
    },
    ...(accessLogFormat !== undefined && { accessLogFormat }),
    accessLog: logs.logger(`${app}-access`),
    reportError: (requestId, error) => {
      logError(JSON.stringify({ requestId, error: String(error) }));
    },
  });
}
