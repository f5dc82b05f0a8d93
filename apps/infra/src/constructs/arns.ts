import { Aws } from 'aws-cdk-lib';

const arn = (service: string, resource: string): string =>
  `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;

const bucket = (name: string): string => `arn:${Aws.PARTITION}:s3:::${name}`;

/** ARNs of resources of other stacks, made from the names that those publish. */
export const arns = {
  bucket,
  /** Returns the ARN of all objects whose keys begin with the prefix. */
  objects: (bucketName: string, prefix: string): string => `${bucket(bucketName)}/${prefix}*`,
  athenaWorkGroup: (name: string): string => arn('athena', `workgroup/${name}`),
  /** Returns the ARN of the account's own Glue catalog. */
  athenaCatalog: (): string => arn('athena', 'datacatalog/AwsDataCatalog'),
  /** Returns the ARN of the log groups that Glue creates for crawlers and jobs. */
  glueLogs: (): string => arn('logs', 'log-group:/aws-glue/*'),
  glueJob: (name: string): string => arn('glue', `job/${name}`),
  stateMachine: (name: string): string => arn('states', `stateMachine:${name}`),
  /** Returns the ARN of all executions of a state machine. */
  executions: (stateMachine: string): string => arn('states', `execution:${stateMachine}:*`),
  /**
   * Returns the ARN of a secret, to whose name Secrets Manager appends six characters (user guide: "What's in a
   * secret").
   */
  secret: (name: string): string => arn('secretsmanager', `secret:${name}-??????`),
  function: (name: string): string => arn('lambda', `function:${name}`),
  stream: (name: string): string => arn('kinesis', `stream/${name}`),
  glueCatalog: (): string => arn('glue', 'catalog'),
  glueDatabase: (database: string): string => arn('glue', `database/${database}`),
  glueTable: (database: string, table: string): string => arn('glue', `table/${database}/${table}`),
} as const;
