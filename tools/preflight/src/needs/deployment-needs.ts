import {
  asksForProtection,
  nameOf,
  readTemplates,
  resourcesOf,
  type Resource,
} from '@sluice/infra/templates';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloudControlIdentifier } from './cloud-control-identifier';

/**
 * Requirements of a cloud assembly on the account and region to which it is deployed. Its texts hold placeholders for
 * both.
 */
export interface DeploymentNeeds {
  /** Stacks in the order of their deployment, each after those on which it depends. */
  readonly stacks: readonly StackNeed[];
  readonly bootstrap: {
    /** SSM parameter that holds the version of the bootstrap. */
    readonly parameter: string;
    /** Lowest version that is sufficient. */
    readonly version: number;
    /** Roles that the deploying caller assumes. */
    readonly roleArns: readonly string[];
    /** Role that may read everything; the bootstrap creates it too. */
    readonly lookupRoleArn: string | undefined;
  };
  readonly functions: {
    readonly largest: { readonly name: string; readonly memoryMegabytes: number };
    readonly reserved: readonly { readonly name: string; readonly concurrency: number }[];
  };
  readonly streams: readonly StreamNeed[];
  /** Names of the delivery streams. */
  readonly deliveryStreams: readonly string[];
  readonly throttles: readonly {
    readonly plan: string;
    readonly requestsPerSecond: number;
    readonly burst: number;
  }[];
  /**
   * True where the assembly sets the role by which API Gateway writes logs. There is one for each account and region.
   */
  readonly setsApiGatewayRole: boolean;
  readonly databases: readonly string[];
  /** Resources whose names are in the templates, and of which an account can have only one by that name. */
  readonly named: readonly NamedResource[];
}

export interface StackNeed {
  /** Name on the CDK's command line, such as `Lake`. */
  readonly id: string;
  readonly name: string;
  /** True where the stack is to be protected from deletion once it has been complete. */
  readonly isProtectedOnceComplete: boolean;
  /** SSM parameters that CloudFormation reads when the stack's change set is created. */
  readonly readsParameters: readonly string[];
}

export interface StreamNeed {
  readonly name: string;
  /** Number of shards of a provisioned stream; 0 on demand. */
  readonly shards: number;
  readonly isOnDemand: boolean;
}

export interface NamedResource {
  readonly type: string;
  readonly name: string;
  /** Identifier by which the Cloud Control API finds the resource. */
  readonly identifier: string;
}

/** Account and region of a deployment. */
export interface Place {
  readonly account: string;
  readonly region: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  readonly partition: string;
}

/** Error for an assembly that can't be read; the message says how to make it. */
export class AssemblyError extends Error {
  override readonly name = 'AssemblyError';
}

/** Placeholders for values that depend on account and region, as CloudFormation and CDK write them. */
const placeholders = {
  'AWS::AccountId': '${AWS::AccountId}',
  'AWS::Region': '${AWS::Region}',
  'AWS::Partition': '${AWS::Partition}',
  'AWS::URLSuffix': '${AWS::URLSuffix}',
} as const;

/** Returns the requirements with the placeholders replaced by the values of an account and region. */
export const needsIn = (
  needs: DeploymentNeeds,
  { account, region, partition }: Place,
): DeploymentNeeds =>
  JSON.parse(
    JSON.stringify(needs)
      .replaceAll(placeholders['AWS::AccountId'], account)
      .replaceAll(placeholders['AWS::Region'], region)
      .replaceAll(placeholders['AWS::Partition'], partition)
      .replaceAll(
        placeholders['AWS::URLSuffix'],
        partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com',
      ),
  ) as DeploymentNeeds;

/**
 * Reads the requirements of a cloud assembly.
 *
 * @throws {@link AssemblyError}
 */
export function deploymentNeeds(assembly: string): DeploymentNeeds {
  const { stacks, bootstrap } = readManifest(assembly);
  const resources = readTemplates(assembly).flatMap((template) => resourcesOf(template));
  const ofType = (type: string): readonly Resource[] =>
    resources.filter((resource) => resource.type === type);
  const named = (resource: Resource): string => nameOf(resource, placeholders) ?? resource.id;
  const functions = ofType('AWS::Lambda::Function').map((resource) => ({
    name: named(resource),
    memoryMegabytes: Number(resource.properties['MemorySize'] ?? 128),
    concurrency: Number(resource.properties['ReservedConcurrentExecutions'] ?? 0),
  }));
  const [largest = { name: '', memoryMegabytes: 0 }] = functions.toSorted(
    (a, b) => b.memoryMegabytes - a.memoryMegabytes,
  );
  return {
    stacks,
    bootstrap,
    functions: {
      largest: { name: largest.name, memoryMegabytes: largest.memoryMegabytes },
      reserved: functions
        .filter(({ concurrency }) => concurrency > 0)
        .map(({ name, concurrency }) => ({ name, concurrency })),
    },
    streams: ofType('AWS::Kinesis::Stream').map((resource) => {
      const mode = resource.properties['StreamModeDetails'] as
        | { readonly StreamMode?: string }
        | undefined;
      const isOnDemand = mode?.StreamMode === 'ON_DEMAND';
      return {
        name: named(resource),
        shards: isOnDemand ? 0 : Number(resource.properties['ShardCount'] ?? 1),
        isOnDemand,
      };
    }),
    deliveryStreams: ofType('AWS::KinesisFirehose::DeliveryStream').map(named),
    throttles: ofType('AWS::ApiGateway::UsagePlan').map((resource) => {
      const throttle = (resource.properties['Throttle'] ?? {}) as {
        readonly RateLimit?: number;
        readonly BurstLimit?: number;
      };
      return {
        plan: (resource.properties['UsagePlanName'] as string | undefined) ?? resource.id,
        requestsPerSecond: throttle.RateLimit ?? 0,
        burst: throttle.BurstLimit ?? 0,
      };
    }),
    setsApiGatewayRole: ofType('AWS::ApiGateway::Account').length > 0,
    databases: ofType('AWS::Glue::Database').map(named),
    named: resources.flatMap((resource) => {
      const name = nameOf(resource, placeholders);
      const identifier = name && cloudControlIdentifier(resource.type, name);
      return name && identifier ? [{ type: resource.type, name, identifier }] : [];
    }),
  };
}

interface Artifact {
  readonly type: string;
  readonly dependencies?: readonly string[];
  readonly properties?: {
    readonly file?: string;
    readonly stackName?: string;
    readonly templateFile?: string;
    readonly assumeRoleArn?: string;
    readonly lookupRole?: { readonly arn?: string };
    readonly requiresBootstrapStackVersion?: number;
    readonly bootstrapStackVersionSsmParameter?: string;
  };
}

function readManifest(assembly: string): Pick<DeploymentNeeds, 'stacks' | 'bootstrap'> {
  const read = (file: string): unknown => {
    try {
      return JSON.parse(readFileSync(join(assembly, file), 'utf8'));
    } catch (error) {
      throw new AssemblyError(
        `${join(assembly, file)} can't be read: ${(error as Error).message}; npx nx run infra:synth --configuration=<stage> writes it`,
      );
    }
  };
  const { artifacts = {} } = read('manifest.json') as {
    readonly artifacts?: Readonly<Record<string, Artifact>>;
  };
  const properties = Object.values(artifacts).map((artifact) => artifact.properties ?? {});
  const assetFiles = Object.values(artifacts).flatMap(({ type, properties: of }) =>
    type === 'cdk:asset-manifest' && of?.file !== undefined ? [of.file] : [],
  );
  const publishingRoles = assetFiles.flatMap((file) =>
    Object.values(
      (read(file) as { readonly files?: Readonly<Record<string, Asset>> }).files ?? {},
    ).flatMap(({ destinations = {} }) =>
      Object.values(destinations).flatMap(({ assumeRoleArn }) => assumeRoleArn ?? []),
    ),
  );
  return {
    stacks: inOrder(artifacts).map(([id, { properties: of = {} }]) => {
      const template = read(of.templateFile ?? '') as {
        readonly Parameters?: Readonly<
          Record<string, { readonly Type: string; readonly Default?: string }>
        >;
      };
      return {
        id,
        name: of.stackName ?? id,
        isProtectedOnceComplete: asksForProtection(template),
        readsParameters: Object.values(template.Parameters ?? {}).flatMap((parameter) =>
          parameter.Type.startsWith('AWS::SSM::Parameter::Value') ? (parameter.Default ?? []) : [],
        ),
      };
    }),
    bootstrap: {
      parameter:
        properties.find((of) => of.bootstrapStackVersionSsmParameter !== undefined)
          ?.bootstrapStackVersionSsmParameter ?? '/cdk-bootstrap/hnb659fds/version',
      version: Math.max(0, ...properties.map((of) => of.requiresBootstrapStackVersion ?? 0)),
      roleArns: [
        ...new Set([...properties.flatMap((of) => of.assumeRoleArn ?? []), ...publishingRoles]),
      ],
      lookupRoleArn: properties.find((of) => of.lookupRole?.arn !== undefined)?.lookupRole?.arn,
    },
  };
}

interface Asset {
  readonly destinations?: Readonly<Record<string, { readonly assumeRoleArn?: string }>>;
}

/** Orders the stacks of a manifest so that each comes after those on which it depends. */
function inOrder(
  artifacts: Readonly<Record<string, Artifact>>,
): readonly (readonly [string, Artifact])[] {
  const ordered = new Map<string, Artifact>();
  const add = (id: string): void => {
    const artifact = artifacts[id];
    if (artifact?.type !== 'aws:cloudformation:stack' || ordered.has(id)) return;
    for (const first of artifact.dependencies ?? []) add(first);
    ordered.set(id, artifact);
  };
  Object.keys(artifacts).forEach(add);
  return [...ordered];
}
