import {
  CloudFormationClient,
  DescribeStacksCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { StackPort } from './stack-protection';

/** Default qualifier of `cdk bootstrap`. */
const bootstrapQualifier = 'hnb659fds';

/**
 * Returns the stacks of the account and region to which the environment's credentials lead. Uses the role with which
 * CDK deploys, because that may be all that the caller may assume; without such a role, uses the credentials
 * themselves.
 */
export async function cloudFormationStacks(): Promise<StackPort> {
  const client = new CloudFormationClient(await deploymentCredentials());
  return {
    describe: async (stackName) => {
      try {
        const { Stacks: [stack] = [] } = await client.send(
          new DescribeStacksCommand({ StackName: stackName }),
        );
        return (
          stack && {
            status: stack.StackStatus ?? '',
            isProtected: stack.EnableTerminationProtection ?? false,
          }
        );
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    },
    protect: async (stackName, isProtected) => {
      await client.send(
        new UpdateTerminationProtectionCommand({
          StackName: stackName,
          EnableTerminationProtection: isProtected,
        }),
      );
    },
  };
}

/**
 * Decides whether an error means that a stack does not exist. CloudFormation has no error of its own for this (API
 * reference: DescribeStacks).
 */
const isAbsent = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === 'ValidationError' &&
  error.message.includes('does not exist');

async function deploymentCredentials() {
  const sts = new STSClient({});
  const region = await sts.config.region();
  const { Account = '', Arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
  const partition = Arn.split(':')[1] ?? 'aws';
  try {
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: `arn:${partition}:iam::${Account}:role/cdk-${bootstrapQualifier}-deploy-role-${Account}-${region}`,
        RoleSessionName: 'sluice-protection',
      }),
    );
    if (Credentials === undefined) return {};
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials;
    return {
      credentials: {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
      },
    };
  } catch {
    return {};
  }
}
