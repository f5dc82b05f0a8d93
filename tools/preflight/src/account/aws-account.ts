import {
  APIGatewayClient,
  GetAccountCommand,
  paginateGetRestApis,
} from '@aws-sdk/client-api-gateway';
import { CloudControlClient, GetResourceCommand } from '@aws-sdk/client-cloudcontrol';
import {
  CloudFormationClient,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  paginateListStackResources,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { FirehoseClient, ListDeliveryStreamsCommand } from '@aws-sdk/client-firehose';
import { DescribeLimitsCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { GetDataLakeSettingsCommand, LakeFormationClient } from '@aws-sdk/client-lakeformation';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Account, ChangeSetTrial, StackResource } from './account';

export interface AwsAccountOptions {
  /** Role that may read everything, with placeholders for partition, account and region. */
  readonly lookupRoleArn: string | undefined;
  /** Role that deploys, with the same placeholders. */
  readonly deployRoleArn: string | undefined;
  readonly makeChangeSet: (
    trial: ChangeSetTrial,
  ) => Promise<{ readonly isMade: boolean; readonly said: string }>;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Largest number of attempts. Cloud Control and Service Quotas accept few requests each second, and the SDK waits. */
const maxAttempts = 8;
const longestDeletionSeconds = 120;

const clientOptions = () => ({
  maxAttempts,
  requestHandler: new NodeHttpHandler({ connectionTimeout: 5_000, requestTimeout: 30_000 }),
});

/**
 * Returns the account and region to which the SDK's environment leads. Reads with the bootstrap's lookup role where
 * the caller may assume it, because that may be all that the caller may do, and handles change sets with the role
 * that deploys. Otherwise uses the caller's own credentials.
 */
export function awsAccount({
  lookupRoleArn,
  deployRoleArn,
  makeChangeSet,
}: AwsAccountOptions): Account {
  const sts = new STSClient(clientOptions());

  const assume = async (arn: string): Promise<Credentials> => {
    const { Credentials: taken } = await sts.send(
      new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: 'sluice-preflight' }),
    );
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = taken ?? {};
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    };
  };
  const optionsAs = async (template: string | undefined) => {
    if (template === undefined) return clientOptions();
    const { Account: account = '', Arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
    const arn = template
      .replaceAll('${AWS::AccountId}', account)
      .replaceAll('${AWS::Region}', await sts.config.region())
      .replaceAll('${AWS::Partition}', partitionOf(Arn));
    try {
      return { ...clientOptions(), credentials: await assume(arn) };
    } catch {
      return clientOptions();
    }
  };
  const reader = lazy(async () => {
    const options = await optionsAs(lookupRoleArn);
    return {
      apiGateway: new APIGatewayClient(options),
      cloudControl: new CloudControlClient(options),
      cloudFormation: new CloudFormationClient(options),
      firehose: new FirehoseClient(options),
      kinesis: new KinesisClient(options),
      lakeFormation: new LakeFormationClient(options),
      lambda: new LambdaClient(options),
      quotas: new ServiceQuotasClient(options),
      s3: new S3Client({ ...options, forcePathStyle: true }),
      ssm: new SSMClient(options),
    };
  });
  const deployer = lazy(async () => new CloudFormationClient(await optionsAs(deployRoleArn)));

  const stackResources = async (name: string): Promise<readonly StackResource[]> => {
    const { cloudFormation } = await reader();
    const resources: StackResource[] = [];
    for await (const page of paginateListStackResources(
      { client: cloudFormation },
      { StackName: name },
    ))
      for (const {
        ResourceType: type = '',
        PhysicalResourceId: physicalId,
      } of page.StackResourceSummaries ?? []) {
        if (physicalId === undefined) continue;
        resources.push({ type, physicalId });
        if (type === 'AWS::CloudFormation::Stack')
          resources.push(...(await stackResources(physicalId)));
      }
    return resources;
  };

  return {
    region: async () => {
      try {
        return await sts.config.region();
      } catch {
        return undefined;
      }
    },
    identityIn: async (region) => {
      const { Account: account = '', Arn: arn = '' } = await new STSClient({
        ...clientOptions(),
        region,
      }).send(new GetCallerIdentityCommand({}));
      return { account, arn, partition: partitionOf(arn) };
    },
    parameter: async (name) =>
      unless(
        ['ParameterNotFound'],
        async () =>
          (await (await reader()).ssm.send(new GetParameterCommand({ Name: name }))).Parameter
            ?.Value,
      ),
    refusalOfRole: async (arn) => {
      try {
        await assume(arn);
        return undefined;
      } catch (error) {
        return (error as Error).message;
      }
    },
    stack: async (name) =>
      unless(noStack, async () => {
        const { Stacks: [stack] = [] } = await (
          await reader()
        ).cloudFormation.send(new DescribeStacksCommand({ StackName: name }));
        return (
          stack && {
            status: stack.StackStatus ?? '',
            reason: stack.StackStatusReason,
            isProtected: stack.EnableTerminationProtection ?? false,
          }
        );
      }),
    stackResources,
    stackOf: async (physicalId) =>
      unless(noStack, async () => {
        const { StackResources: [resource] = [] } = await (
          await reader()
        ).cloudFormation.send(
          new DescribeStackResourcesCommand({ PhysicalResourceId: physicalId }),
        );
        return resource?.StackName;
      }),
    functionConcurrency: async () => {
      const { AccountLimit } = await (
        await reader()
      ).lambda.send(new GetAccountSettingsCommand({}));
      return {
        limit: AccountLimit?.ConcurrentExecutions ?? 0,
        unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? 0,
      };
    },
    streamLimits: async () => {
      const limits = await (await reader()).kinesis.send(new DescribeLimitsCommand({}));
      return {
        shards: limits.ShardLimit ?? 0,
        openShards: limits.OpenShardCount ?? 0,
        onDemandStreams: limits.OnDemandStreamCountLimit ?? 0,
        openOnDemandStreams: limits.OnDemandStreamCount ?? 0,
      };
    },
    deliveryStreams: async () => {
      const names: string[] = [];
      for (;;) {
        const last = names.at(-1);
        const { DeliveryStreamNames = [], HasMoreDeliveryStreams = false } = await (
          await reader()
        ).firehose.send(
          new ListDeliveryStreamsCommand({
            Limit: 100,
            ...(last !== undefined && { ExclusiveStartDeliveryStreamName: last }),
          }),
        );
        names.push(...DeliveryStreamNames);
        if (!HasMoreDeliveryStreams || DeliveryStreamNames.length === 0) return names;
      }
    },
    quota: async (ServiceCode, QuotaCode) => {
      const { quotas } = await reader();
      const applied = await unless(
        ['NoSuchResourceException'],
        async () =>
          (await quotas.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }))).Quota?.Value,
      );
      return (
        applied ??
        (await unless(
          ['NoSuchResourceException'],
          async () =>
            (await quotas.send(new GetAWSDefaultServiceQuotaCommand({ ServiceCode, QuotaCode })))
              .Quota?.Value,
        ))
      );
    },
    apiGateway: async () => {
      const { cloudwatchRoleArn, throttleSettings } = await (
        await reader()
      ).apiGateway.send(new GetAccountCommand({}));
      return {
        logsRoleArn: cloudwatchRoleArn === '' ? undefined : cloudwatchRoleArn,
        requestsPerSecond: throttleSettings?.rateLimit,
        burst: throttleSettings?.burstLimit,
      };
    },
    restApis: async () => {
      const names: string[] = [];
      for await (const { items = [] } of paginateGetRestApis(
        { client: (await reader()).apiGateway },
        { limit: 500 },
      ))
        names.push(...items.flatMap(({ name }) => name ?? []));
      return names;
    },
    hasResource: async (TypeName, Identifier) => {
      try {
        await (await reader()).cloudControl.send(new GetResourceCommand({ TypeName, Identifier }));
        return true;
      } catch (error) {
        const { name } = error as Error;
        if (name === 'ResourceNotFoundException') return false;
        if (name === 'UnsupportedActionException' || name === 'TypeNotFoundException')
          return undefined;
        throw error;
      }
    },
    bucket: async (name) => {
      try {
        await (await reader()).s3.send(new HeadBucketCommand({ Bucket: name }));
        return 'here';
      } catch (error) {
        const status = (error as { readonly $metadata?: { readonly httpStatusCode?: number } })
          .$metadata?.httpStatusCode;
        if (status === 404) return 'nowhere';
        // It belongs to another account, or is in another region (API reference: HeadBucket).
        if (status === 403 || status === 301 || status === 400) return 'elsewhere';
        throw error;
      }
    },
    dataLake: async () => {
      const { DataLakeSettings: settings } = await (
        await reader()
      ).lakeFormation.send(new GetDataLakeSettingsCommand({}));
      const isByIam = (permissions: Permissions): boolean =>
        (permissions ?? []).some(
          ({ Principal, Permissions: granted = [] }) =>
            Principal?.DataLakePrincipalIdentifier === 'IAM_ALLOWED_PRINCIPALS' &&
            granted.includes('ALL'),
        );
      return {
        databasesByIam: isByIam(settings?.CreateDatabaseDefaultPermissions),
        tablesByIam: isByIam(settings?.CreateTableDefaultPermissions),
      };
    },
    makeChangeSet,
    changeSet: async (StackName, ChangeSetName) =>
      unless(['ChangeSetNotFound', 'ChangeSetNotFoundException', ...noStack], async () => {
        const client = await deployer();
        let changes = 0;
        let NextToken: string | undefined;
        for (;;) {
          const page = await client.send(
            new DescribeChangeSetCommand({ StackName, ChangeSetName, NextToken }),
          );
          changes += page.Changes?.length ?? 0;
          NextToken = page.NextToken;
          if (NextToken === undefined)
            return { status: page.Status ?? '', reason: page.StatusReason, changes };
        }
      }),
    deleteChangeSet: async (StackName, ChangeSetName) => {
      await (await deployer()).send(new DeleteChangeSetCommand({ StackName, ChangeSetName }));
    },
    deleteStack: async (StackName) => {
      const client = await deployer();
      await client.send(new DeleteStackCommand({ StackName }));
      await waitUntilStackDeleteComplete(
        { client, maxWaitTime: longestDeletionSeconds, minDelay: 1, maxDelay: 5 },
        { StackName },
      );
    },
  };
}

type Permissions =
  | readonly {
      readonly Principal?:
        | { readonly DataLakePrincipalIdentifier?: string | undefined }
        | undefined;
      readonly Permissions?: readonly string[] | undefined;
    }[]
  | undefined;

/** Returns the partition in an ARN. */
const partitionOf = (arn: string): string => arn.split(':')[1] ?? 'aws';

/**
 * Errors of a request for a stack that does not exist; CloudFormation has none of its own for this (API reference:
 * DescribeStacks).
 */
const noStack = ['ValidationError'] as const;

/** Returns the result of a request; undefined where AWS answers that the resource does not exist. */
async function unless<Value>(
  names: readonly string[],
  ask: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await ask();
  } catch (error) {
    const { name, message } = error as Error;
    const isAbsence = name !== 'ValidationError' || /does not exist|not found/i.test(message);
    if (names.includes(name) && isAbsence) return undefined;
    throw error;
  }
}

function lazy<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
