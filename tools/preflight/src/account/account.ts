/**
 * An AWS account in one region, with the questions that a deployment asks about it. All functions only read, except
 * the last four.
 */
export interface Account {
  /** Returns the region that the environment or the profile names. */
  region(): Promise<string | undefined>;
  /** Asks STS in a region who the caller is. @throws the error of STS or of the search for credentials */
  identityIn(region: string): Promise<Identity>;
  /** Returns the value of an SSM parameter; undefined where there is none. */
  parameter(name: string): Promise<string | undefined>;
  /** Returns the reason why a role can't be assumed; undefined where it can. */
  refusalOfRole(arn: string): Promise<string | undefined>;
  /** Returns the state of a stack; undefined where there is no stack of that name. */
  stack(name: string): Promise<StackState | undefined>;
  /** Returns the resources of a stack and of the stacks nested in it. */
  stackResources(name: string): Promise<readonly StackResource[]>;
  /** Returns the stack that a resource belongs to; undefined where it belongs to none. */
  stackOf(physicalId: string): Promise<string | undefined>;
  /** Returns the limit of concurrent function executions, and how much of it no function has reserved. */
  functionConcurrency(): Promise<{ readonly limit: number; readonly unreserved: number }>;
  streamLimits(): Promise<StreamLimits>;
  /** Returns the names of all delivery streams. */
  deliveryStreams(): Promise<readonly string[]>;
  /** Returns the applied value of a quota, or its default; undefined where Service Quotas does not have it. */
  quota(serviceCode: string, quotaCode: string): Promise<number | undefined>;
  apiGateway(): Promise<ApiGatewayAccount>;
  /** Returns the names of all REST APIs. */
  restApis(): Promise<readonly string[]>;
  /** Decides whether a resource exists; undefined where the Cloud Control API does not support the type. */
  hasResource(type: string, identifier: string): Promise<boolean | undefined>;
  /** Says where the bucket of a name is. A bucket that the caller may not access belongs to somebody else. */
  bucket(name: string): Promise<'nowhere' | 'here' | 'elsewhere'>;
  dataLake(): Promise<DataLakeDefaults>;

  /**
   * Creates a change set with the CDK command line, which uploads the stack's assets.
   *
   * @returns whether it succeeded, and its output
   */
  makeChangeSet(
    trial: ChangeSetTrial,
  ): Promise<{ readonly isMade: boolean; readonly said: string }>;
  /** Returns the state of a change set; undefined where there is none of that name. */
  changeSet(stackName: string, changeSetName: string): Promise<ChangeSetState | undefined>;
  deleteChangeSet(stackName: string, changeSetName: string): Promise<void>;
  /** Deletes a stack and waits until it is gone. */
  deleteStack(stackName: string): Promise<void>;
}

export interface Identity {
  readonly account: string;
  readonly arn: string;
  readonly partition: string;
}

export interface StackState {
  /** Status, such as `CREATE_COMPLETE` (CloudFormation guide: "Understand CloudFormation stack statuses"). */
  readonly status: string;
  readonly reason: string | undefined;
  readonly isProtected: boolean;
}

export interface StackResource {
  readonly type: string;
  readonly physicalId: string;
}

export interface StreamLimits {
  readonly shards: number;
  readonly openShards: number;
  readonly onDemandStreams: number;
  readonly openOnDemandStreams: number;
}

export interface ApiGatewayAccount {
  /** Role that writes the logs of all APIs. */
  readonly logsRoleArn: string | undefined;
  /** Rate that all APIs share; undefined where AWS does not report it. */
  readonly requestsPerSecond: number | undefined;
  readonly burst: number | undefined;
}

/**
 * Defaults for new resources of the Glue catalog: true where IAM alone grants access, without a grant of Lake
 * Formation.
 */
export interface DataLakeDefaults {
  readonly databasesByIam: boolean;
  readonly tablesByIam: boolean;
}

export interface ChangeSetTrial {
  /** Name of the stack on the CDK's command line. */
  readonly stackId: string;
  readonly changeSetName: string;
  /**
   * Current protection of the stack. CDK sets the protection even when it executes nothing, so it has to be told the
   * current value.
   */
  readonly isProtected: boolean;
}

export interface ChangeSetState {
  readonly status: string;
  readonly reason: string | undefined;
  readonly changes: number;
}
