/** An AWS account in one region, as far as a deployment asks about it. Every function reads; only the last four make or delete. */
export interface Account {
  /** Returns the region that the environment or the profile names. */
  region(): Promise<string | undefined>;
  /** Asks a region's STS who the caller is. @throws what STS or the search for credentials says */
  identityIn(region: string): Promise<Identity>;
  /** Returns the value of an SSM parameter; undefined where there is none. */
  parameter(name: string): Promise<string | undefined>;
  /** Returns why a role can't be taken on; undefined where it can. */
  refusalOfRole(arn: string): Promise<string | undefined>;
  /** Returns undefined where there is no stack of the name. */
  stack(name: string): Promise<StackState | undefined>;
  /** Returns the resources of a stack and of the stacks nested in it. */
  stackResources(name: string): Promise<readonly StackResource[]>;
  /** Returns the stack that a resource belongs to; undefined where it belongs to none. */
  stackOf(physicalId: string): Promise<string | undefined>;
  /** Returns how many functions may run at once, and how many of these are reserved for none. */
  functionConcurrency(): Promise<{ readonly limit: number; readonly unreserved: number }>;
  streamLimits(): Promise<StreamLimits>;
  /** Returns the names of all delivery streams. */
  deliveryStreams(): Promise<readonly string[]>;
  /** Returns the applied value of a quota, or the default; undefined where Service Quotas knows none. */
  quota(serviceCode: string, quotaCode: string): Promise<number | undefined>;
  apiGateway(): Promise<ApiGatewayAccount>;
  /** Returns the names of all REST APIs. */
  restApis(): Promise<readonly string[]>;
  /** Decides whether a resource is there; undefined where the Cloud Control API does not know the type. */
  hasResource(type: string, identifier: string): Promise<boolean | undefined>;
  /** Says where a bucket of a name is. A bucket that the caller may not see belongs to somebody else. */
  bucket(name: string): Promise<'nowhere' | 'here' | 'elsewhere'>;
  dataLake(): Promise<DataLakeDefaults>;

  /** Makes a change set by the CDK command line, which uploads the stack's assets. @returns whether it was made, and what was said */
  makeChangeSet(
    trial: ChangeSetTrial,
  ): Promise<{ readonly isMade: boolean; readonly said: string }>;
  /** Returns undefined where there is no such change set. */
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
  /** Such as `CREATE_COMPLETE` (CloudFormation guide: "Understand CloudFormation stack statuses"). */
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
  /** The role that writes the logs of all APIs. */
  readonly logsRoleArn: string | undefined;
  /** What all APIs share; undefined where AWS does not say. */
  readonly requestsPerSecond: number | undefined;
  readonly burst: number | undefined;
}

/** Whether what is new in the Glue catalog is open to whom IAM lets in, without a grant of Lake Formation. */
export interface DataLakeDefaults {
  readonly databasesByIam: boolean;
  readonly tablesByIam: boolean;
}

export interface ChangeSetTrial {
  /** Name of the stack on the CDK's command line. */
  readonly stackId: string;
  readonly changeSetName: string;
  /** CDK sets the stack's protection also where it executes nothing; so it has to be told what it is. */
  readonly isProtected: boolean;
}

export interface ChangeSetState {
  readonly status: string;
  readonly reason: string | undefined;
  readonly changes: number;
}
