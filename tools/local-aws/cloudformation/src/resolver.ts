import { nestedStackName, type CloudAssembly, type Stack, type TemplateResource } from './assembly';

/** Region and account to which templates are deployed. */
export interface AwsAccount {
  readonly region: string;
  readonly accountId: string;
}

/** The account that the local stack pretends to be. */
export const localAccount: AwsAccount = { region: 'us-east-1', accountId: '000000000000' };

/** Error for a template that uses something the resolver does not support; the message says what and where. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

export interface ResolvedResource extends TemplateResource {
  /** Value of the intrinsic function `Ref`. */
  readonly ref: string;
  readonly arn: string;
}

type Json = unknown;

/**
 * The property that holds the name of a resource, by type. Without it the name is made of stack name and logical id.
 */
const nameProperty: Readonly<Record<string, string>> = {
  'AWS::Kinesis::Stream': 'Name',
  'AWS::KinesisFirehose::DeliveryStream': 'DeliveryStreamName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::SSM::Parameter': 'Name',
  'AWS::SecretsManager::Secret': 'Name',
  'AWS::Scheduler::Schedule': 'Name',
  'AWS::StepFunctions::StateMachine': 'StateMachineName',
  'AWS::Athena::WorkGroup': 'Name',
  'AWS::Events::Rule': 'Name',
  'AWS::Glue::Crawler': 'Name',
  'AWS::Glue::Job': 'Name',
};

const arnOf: Readonly<Record<string, (name: string, account: AwsAccount) => string>> = {
  'AWS::Kinesis::Stream': (name, p) => `arn:aws:kinesis:${p.region}:${p.accountId}:stream/${name}`,
  'AWS::KinesisFirehose::DeliveryStream': (name, p) =>
    `arn:aws:firehose:${p.region}:${p.accountId}:deliverystream/${name}`,
  'AWS::S3::Bucket': (name) => `arn:aws:s3:::${name}`,
  'AWS::Lambda::Function': (name, p) =>
    `arn:aws:lambda:${p.region}:${p.accountId}:function:${name}`,
  'AWS::SQS::Queue': (name, p) => `arn:aws:sqs:${p.region}:${p.accountId}:${name}`,
  'AWS::SNS::Topic': (name, p) => `arn:aws:sns:${p.region}:${p.accountId}:${name}`,
  'AWS::IAM::Role': (name, p) => `arn:aws:iam::${p.accountId}:role/${name}`,
  'AWS::Logs::LogGroup': (name, p) => `arn:aws:logs:${p.region}:${p.accountId}:log-group:${name}:*`,
  'AWS::KMS::Key': (name, p) => `arn:aws:kms:${p.region}:${p.accountId}:key/${name}`,
  'AWS::StepFunctions::StateMachine': (name, p) =>
    `arn:aws:states:${p.region}:${p.accountId}:stateMachine:${name}`,
};

/**
 * Evaluates the intrinsic functions of a cloud assembly as CloudFormation would after a deployment. Covers all its
 * stacks at once, because one stack may read SSM parameters that another one writes.
 */
export class TemplateResolver {
  readonly #stacks: ReadonlyMap<string, Stack>;
  readonly #account: AwsAccount;
  readonly #resolvedByType = new Map<string, readonly ResolvedResource[]>();
  readonly #ssmValues = new Map<string, string>();

  constructor(assembly: CloudAssembly, account: AwsAccount) {
    this.#stacks = new Map(assembly.stacks.map((stack) => [stack.name, stack]));
    this.#account = account;
  }

  /** Returns all resources of a type with their properties evaluated. The result is cached. */
  resources(type: string): readonly ResolvedResource[] {
    const known = this.#resolvedByType.get(type);
    if (known) return known;
    const resolved = [...this.#stacks.values()].flatMap((stack) =>
      [...stack.resources.values()]
        .filter((resource) => resource.type === type)
        .map((resource) => this.#resolved(stack, resource)),
    );
    this.#resolvedByType.set(type, resolved);
    return resolved;
  }

  /** Returns the folder of a function's code: the asset that its `S3Key` names. @throws {@link TemplateError} */
  codeFolder({ stackName, logicalId, properties }: ResolvedResource): string {
    const key = (properties['Code'] as { readonly S3Key?: string } | undefined)?.S3Key ?? '';
    const folder = this.#stack(stackName).assets.get(key.replace(/\.zip$/, ''));
    if (!folder)
      throw new TemplateError(`${stackName}/${logicalId}: no asset for its code "${key}"`);
    return folder;
  }

  #stack(name: string): Stack {
    const stack = this.#stacks.get(name);
    if (!stack) throw new TemplateError(`no stack ${name} in the assembly`);
    return stack;
  }

  #resolved(stack: Stack, resource: TemplateResource): ResolvedResource {
    return {
      ...resource,
      properties: this.#evaluate(stack, resource.properties) as Record<string, unknown>,
      ref: this.#ref(stack, resource),
      arn: this.#arn(stack, resource),
    };
  }

  #name(stack: Stack, { type, logicalId, properties }: TemplateResource): string {
    const property = nameProperty[type];
    const given = property && properties[property];
    if (given !== undefined && given !== '') return String(this.#evaluate(stack, given));
    // CDK makes logical ids of the names in the construct path, followed by eight characters of hash.
    const stem = logicalId.replace(/[0-9A-F]{8}$/, '');
    return `${stack.name}-${stem}`.toLowerCase();
  }

  #ref(stack: Stack, resource: TemplateResource): string {
    const { type, properties } = resource;
    const input = properties['DatabaseInput'] ?? properties['TableInput'];
    if ((type === 'AWS::Glue::Database' || type === 'AWS::Glue::Table') && input) {
      const { Name } = input as { readonly Name?: unknown };
      return String(this.#evaluate(stack, Name));
    }
    // `Ref` of most types is the name; of this one it is the ARN.
    if (type === 'AWS::StepFunctions::StateMachine') return this.#arn(stack, resource);
    return this.#name(stack, resource);
  }

  #arn(stack: Stack, resource: TemplateResource): string {
    const name = this.#name(stack, resource);
    const make = arnOf[resource.type];
    return make
      ? make(name, this.#account)
      : `arn:aws:local:${this.#account.region}:${this.#account.accountId}:${name}`;
  }

  #evaluate(stack: Stack, value: Json): Json {
    if (typeof value === 'string') return this.#dynamicReferences(stack, value);
    if (Array.isArray(value))
      return value.map((item) => this.#evaluate(stack, item)).filter((item) => item !== noValue);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [only] = entries;
    if (entries.length === 1 && only && (only[0] === 'Ref' || only[0].startsWith('Fn::')))
      return this.#intrinsic(stack, only[0], only[1]);
    return Object.fromEntries(
      entries
        .map(([name, item]) => [name, this.#evaluate(stack, item)] as const)
        .filter(([, item]) => item !== noValue),
    );
  }

  #intrinsic(stack: Stack, name: string, argument: Json): Json {
    const list = (): readonly Json[] => this.#evaluate(stack, argument) as readonly Json[];
    switch (name) {
      case 'Ref':
        return this.#reference(stack, String(argument));
      case 'Fn::GetAtt': {
        const [logicalId, attribute] =
          typeof argument === 'string'
            ? splitOnce(argument, '.')
            : (argument as readonly [string, string]);
        return this.#attribute(stack, logicalId, attribute);
      }
      case 'Fn::Join': {
        const [separator, parts] = list() as readonly [string, readonly Json[]];
        return parts.map(String).join(separator);
      }
      case 'Fn::Sub':
        return this.#substitute(stack, argument);
      case 'Fn::Select': {
        const [index, items] = list() as readonly [number | string, readonly Json[]];
        return items[Number(index)];
      }
      case 'Fn::Split': {
        const [separator, text] = list() as readonly [string, string];
        return text.split(separator);
      }
      case 'Fn::FindInMap': {
        const [map, first, second] = list() as readonly [string, string, string];
        return stack.mappings[map]?.[first]?.[second];
      }
      case 'Fn::If': {
        const [condition, yes, no] = argument as readonly [string, Json, Json];
        return this.#evaluate(stack, this.#condition(stack, condition) ? yes : no);
      }
      case 'Fn::Base64':
        return Buffer.from(String(this.#evaluate(stack, argument))).toString('base64');
      case 'Fn::GetAZs':
        return ['a', 'b', 'c'].map((zone) => `${this.#account.region}${zone}`);
      default:
        throw new TemplateError(`${stack.name}: the intrinsic function ${name} is not known here`);
    }
  }

  #condition(stack: Stack, name: string): boolean {
    const test = (value: Json): boolean => {
      const [operator, argument] = Object.entries(value as Record<string, Json>)[0] ?? [];
      const items = (): readonly Json[] => argument as readonly Json[];
      switch (operator) {
        case 'Condition':
          return this.#condition(stack, String(argument));
        case 'Fn::Equals': {
          const [a, b] = items().map((item) => this.#evaluate(stack, item));
          return a === b;
        }
        case 'Fn::Not':
          return !items().some(test);
        case 'Fn::And':
          return items().every(test);
        case 'Fn::Or':
          return items().some(test);
        default:
          throw new TemplateError(
            `${stack.name}: the condition ${String(operator)} is not known here`,
          );
      }
    };
    if (!(name in stack.conditions))
      throw new TemplateError(`${stack.name}: no condition ${name} in the template`);
    return test(stack.conditions[name]);
  }

  #reference(stack: Stack, name: string): Json {
    const resource = stack.resources.get(name);
    if (resource) return this.#ref(stack, resource);
    const parameter = stack.parameters.get(name);
    if (parameter && stack.parent)
      return this.#nestedParameter(stack.parent, name, parameter.defaultValue);
    if (parameter) {
      if (parameter.type.startsWith('AWS::SSM::Parameter::Value'))
        return this.#ssmValue(stack, String(parameter.defaultValue));
      return parameter.defaultValue;
    }
    switch (name) {
      case 'AWS::Region':
        return this.#account.region;
      case 'AWS::AccountId':
        return this.#account.accountId;
      case 'AWS::Partition':
        return 'aws';
      case 'AWS::URLSuffix':
        return 'amazonaws.com';
      case 'AWS::StackName':
        return stack.name;
      case 'AWS::StackId':
        return `arn:aws:cloudformation:${this.#account.region}:${this.#account.accountId}:stack/${stack.name}/local`;
      case 'AWS::NoValue':
        return noValue;
      default:
        throw new TemplateError(`${stack.name}: nothing is called ${name}`);
    }
  }

  /** Returns the value that the parent passes for a nested stack's parameter. */
  #nestedParameter(
    { name: parentName, logicalId }: NonNullable<Stack['parent']>,
    name: string,
    defaultValue: unknown,
  ): Json {
    const parent = this.#stack(parentName);
    const given = parent.resources.get(logicalId)?.properties['Parameters'] as
      | Readonly<Record<string, Json>>
      | undefined;
    return given && name in given ? this.#evaluate(parent, given[name]) : defaultValue;
  }

  #attribute(stack: Stack, logicalId: string, attribute: string): Json {
    const resource = stack.resources.get(logicalId);
    if (!resource) throw new TemplateError(`${stack.name}: no resource ${logicalId}`);
    if (resource.type === 'AWS::CloudFormation::Stack' && attribute.startsWith('Outputs.')) {
      const nested = this.#stack(nestedStackName(stack.name, logicalId));
      return this.#evaluate(nested, nested.outputs?.[attribute.slice('Outputs.'.length)]);
    }
    if (attribute === 'Arn') return this.#arn(stack, resource);
    if (resource.type === 'AWS::SSM::Parameter' && attribute === 'Value')
      return this.#evaluate(stack, resource.properties['Value']);
    const name = this.#name(stack, resource);
    const { region } = this.#account;
    switch (`${resource.type}.${attribute}`) {
      case 'AWS::ApiGateway::RestApi.RootResourceId':
        return 'root';
      case 'AWS::S3::Bucket.RegionalDomainName':
        return `${name}.s3.${region}.amazonaws.com`;
      case 'AWS::S3::Bucket.DomainName':
        return `${name}.s3.amazonaws.com`;
      case 'AWS::StepFunctions::StateMachine.Name':
        return name;
      default:
        return `${name}.${attribute}`;
    }
  }

  #substitute(stack: Stack, argument: Json): string {
    const [text, variables] = (
      typeof argument === 'string' ? [argument, {}] : argument
    ) as readonly [string, Record<string, Json>];
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_whole, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (name in variables) return String(this.#evaluate(stack, variables[name]));
      if (name.includes('.')) return String(this.#attribute(stack, ...splitOnce(name, '.')));
      return String(this.#reference(stack, name));
    });
  }

  #dynamicReferences(stack: Stack, text: string): string {
    return text.replace(/\{\{resolve:ssm:([^:}]+)(?::\d+)?\}\}/g, (_whole, name: string) =>
      this.#ssmValue(stack, name),
    );
  }

  #ssmValue(reader: Stack, name: string): string {
    const known = this.#ssmValues.get(name);
    if (known !== undefined) return known;
    for (const stack of this.#stacks.values())
      for (const resource of stack.resources.values())
        if (resource.type === 'AWS::SSM::Parameter' && this.#name(stack, resource) === name) {
          const value = String(this.#evaluate(stack, resource.properties['Value']));
          this.#ssmValues.set(name, value);
          return value;
        }
    throw new TemplateError(
      `${reader.name}: reads the SSM parameter ${name}, which no stack writes`,
    );
  }
}

const noValue = Symbol('AWS::NoValue');

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}
