import { apiName, parameterNames, stackName } from '@sluice/infra/names';
import { APIGatewayClient, GetApiKeysCommand } from '@aws-sdk/client-api-gateway';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { kinesisClient, s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { athenaClient } from '@sluice/aws-clients/analytics';
import { glueTables } from '@sluice/aws-clients/glue';
import { secretReader } from '@sluice/aws-clients/secrets';
import { shippedEventTypes } from '@sluice/event-types';
import { readEventTypes } from '@sluice/event-schema/node';
import { lakeDatabase } from '@sluice/lake-layout';
import { lambdaClient } from './lambda-client';
import { scopedKeysOf } from './scoped-keys';
import { TargetError, type ApiAccess, type Target } from './target';

/** Stacks that serve the APIs; the names of an API and its key are derived from them. */
const apiStacks = {
  ingest: 'ingest-gateway',
  lookup: 'lookup-api',
  analytics: 'analytics',
  operations: 'operations',
} as const;

/** The first questions to AWS: they are answered in a second or, where something is wrong, never. */
const bounded = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};

/**
 * Returns a stage of the account and region that the SDK's environment names, as a target.
 *
 * @throws {@link TargetError} where it is not deployed, or may not be read
 */
export async function stageTarget(
  stage: string,
  { deliveryMs }: { deliveryMs: number },
): Promise<Target> {
  const cloudFormation = new CloudFormationClient(bounded);
  const apiGateway = new APIGatewayClient(bounded);
  const urlOf = async (name: string): Promise<string> => {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: name }));
    const url = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'Url')?.OutputValue;
    if (url === undefined) throw new TargetError(`the stack ${name} has no output Url`);
    return url.replace(/\/$/, '');
  };
  const apiAccess = async (api: keyof typeof apiStacks): Promise<ApiAccess> => {
    const url = await urlOf(stackName(stage, apiStacks[api]));
    const name = apiName(stage, api);
    const { items = [] } = await apiGateway.send(
      new GetApiKeysCommand({ nameQuery: name, includeValues: true }),
    );
    const apiKey = items.find((item) => item.name === name)?.value;
    if (apiKey === undefined)
      throw new TargetError(
        `there is no API key ${name}; stages whose callers sign with IAM can't be verified`,
      );
    return { url, apiKey };
  };

  /** Returns the values of the API keys whose names begin so, by the rest of the name. */
  const keyValues = async (prefix: string): Promise<ReadonlyMap<string, string>> => {
    const { items = [] } = await apiGateway.send(
      new GetApiKeysCommand({ nameQuery: prefix, includeValues: true, limit: 500 }),
    );
    return new Map(
      items.map(({ name = '', value = '' }) => [name.slice(prefix.length), value] as const),
    );
  };

  try {
    const [ingest, lookup, analytics, operations, consoleUrl, bucket, region] = await Promise.all([
      apiAccess('ingest'),
      apiAccess('lookup'),
      apiAccess('analytics'),
      apiAccess('operations'),
      urlOf(stackName(stage, 'console')).catch(withoutStack),
      new SSMClient(bounded).send(
        new GetParameterCommand({ Name: parameterNames(stage).bucketName }),
      ),
      cloudFormation.config.region(),
    ]);
    const bucketName = bucket.Parameter?.Value ?? '';
    const eventsDir = process.env['SLUICE_EVENTS_DIR'];
    const keys = eventsDir
      ? await keyValues(`${apiName(stage, 'lookup')}-`)
      : new Map<string, string>();
    return {
      name: `stage ${stage} in ${region}`,
      stage,
      isLocal: false,
      ingest,
      lookup,
      analytics,
      operations,
      consoleUrl,
      bucket: bucketName,
      store: s3ObjectStore({ client: s3Client(), bucket: bucketName }),
      kinesis: kinesisClient(),
      lambda: lambdaClient(),
      athena: athenaClient(),
      glue: glueTables(lakeDatabase(stage)),
      eventTypes: [...shippedEventTypes, ...(eventsDir ? readEventTypes(eventsDir) : [])],
      scopedKeys: eventsDir ? scopedKeysOf(eventsDir, (name) => keys.get(name)) : [],
      readSecret: secretReader(),
      waits: { deliveryMs, pollMs: 3_000 },
    };
  } catch (error) {
    if (error instanceof TargetError) throw error;
    throw new TargetError(`the stage ${stage} can't be reached: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Returns undefined where the error says that there is no such stack: a stage inside VPCs has no console. */
function withoutStack(error: Error): undefined {
  if (error.name === 'ValidationError' && error.message.includes('does not exist')) return;
  throw error;
}
