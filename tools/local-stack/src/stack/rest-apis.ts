import { createServer, type RequestListener, type Server } from 'node:http';
import { createRestApi, type RestApi } from '@sluice/local-api-gateway';
import { place, type ResolvedResource, type TemplateResolver } from '@sluice/local-cloudformation';
import { admitCaller, callerCheck, closeServer } from '@sluice/local-http';
import type { Credentials } from '@sluice/lake';
import type { LocalKinesis } from '@sluice/local-kinesis';
import type { LocalFunction } from '@sluice/local-lambda';
import type { LogFiles } from '../log-files';

/** Stack names end in the app they deploy. */
const apiStacks = {
  ingest: 'ingest-gateway',
  lookup: 'lookup-api',
  analytics: 'analytics',
} as const;

export interface ServeApiOptions {
  readonly api: keyof typeof apiStacks;
  readonly port: number;
  readonly resolver: TemplateResolver;
  readonly credentials: Credentials;
  /** Origins whose pages may call, beside those of this machine. */
  readonly allowedOrigins: readonly string[];
  readonly kinesis: LocalKinesis;
  readonly functionOf: (arn: string) => LocalFunction;
  readonly logs: LogFiles;
}

/** Serves a REST API of the templates on 127.0.0.1. @returns what ends it */
export async function serveApi({
  port,
  allowedOrigins,
  ...options
}: ServeApiOptions): Promise<() => Promise<void>> {
  const api = restApi(options);
  // What a template permits to pages is for the deployed API; here its key is the only other guard.
  const mayCall = callerCheck({ allowedOrigins, allowsLocalPages: true });
  const server = await listen((request, response) => {
    if (admitCaller(mayCall, request, response)) api.listener(request, response);
  }, port);
  return async () => {
    await closeServer(server);
    api.close();
  };
}

function restApi({
  api,
  resolver,
  credentials,
  kinesis,
  functionOf,
  logs,
}: Omit<ServeApiOptions, 'port' | 'allowedOrigins'>): RestApi {
  const inStack = ({ stackName }: ResolvedResource): boolean => stackName.endsWith(apiStacks[api]);
  const resource = resolver.resources('AWS::ApiGateway::RestApi').find(inStack);
  if (!resource) throw new Error(`no stack ${apiStacks[api]} with a REST API in the assembly`);
  const stage = resolver.resources('AWS::ApiGateway::Stage').find(inStack);
  const plan = resolver.resources('AWS::ApiGateway::UsagePlan').find(inStack);
  const { RateLimit, BurstLimit } = (plan?.properties['Throttle'] ?? {}) as {
    readonly RateLimit?: number;
    readonly BurstLimit?: number;
  };
  const { Format } = (stage?.properties['AccessLogSetting'] ?? {}) as { readonly Format?: string };
  const logError = logs.logger(apiStacks[api]);
  return createRestApi({
    document: resource.properties['Body'],
    stageName: stage ? String(stage.properties['StageName']) : 'local',
    apiKeys: [credentials.apiKey],
    credentials,
    ...(RateLimit !== undefined &&
      BurstLimit !== undefined && {
        throttle: { requestsPerSecond: RateLimit, burst: BurstLimit },
      }),
    kinesis: { endpoint: kinesis.url, region: place.region, credentials },
    invokeFunction: async (arn, payload) => {
      const outcome = await functionOf(arn).invoke(payload);
      if (!outcome.ok) throw new Error(`${outcome.errorType}: ${outcome.message}`);
      return outcome.payload;
    },
    ...(Format !== undefined && { accessLogFormat: Format }),
    accessLog: logs.logger(`${apiStacks[api]}-access`),
    reportError: (requestId, error) => {
      logError(JSON.stringify({ requestId, error: String(error) }));
    },
  });
}

const listen = (listener: RequestListener, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer(listener);
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
