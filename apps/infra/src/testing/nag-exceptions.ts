export interface NagException {
  /** Matches `<construct path> <rule>[<what it found>]`. */
  readonly finds: RegExp;
  readonly reason: string;
}

/**
 * Findings of AwsSolutions that are accepted, each with its reason. An exception that matches no finding fails the
 * test.
 */
export const nagExceptions: readonly NagException[] = [
  {
    finds: /AwsSolutions-KDS3$/,
    reason:
      'One key of our own for bucket and streams, so that access can be revoked in one place.',
  },
  {
    finds: /AwsSolutions-KDF1$/,
    reason:
      'The source is an encrypted Kinesis stream, with which Firehose keeps nothing at rest (Firehose guide: encryption).',
  },
  {
    finds: /\/Role\/DefaultPolicy AwsSolutions-IAM5\[Resource::\*\]$/,
    reason: 'X-Ray knows no resources for the two actions that send traces.',
  },
  {
    finds: /^\/Lake\/ApiGatewayLogsRole AwsSolutions-IAM5\[Resource::\*\]$/,
    reason:
      'API Gateway has one logging role for all APIs of an account, so it has to reach any log group.',
  },
  {
    finds:
      /\/DeliveryRole(-\w+)?\/DefaultPolicy AwsSolutions-IAM5\[Resource::.*\/(raw|errors)\/\*\]$/,
    reason: 'Objects under the prefix of this table; their names are made by Firehose.',
  },
  {
    finds:
      /^\/FirehoseTransformer\/.*\/Transformer\/Role\/DefaultPolicy AwsSolutions-IAM5\[Resource::.*\/traces\/\*\]$/,
    reason:
      'Notes of recorded events of this table; each invocation makes one of a name of its own.',
  },
  {
    finds:
      /\/DefaultPolicy AwsSolutions-IAM5\[Resource::.*\/\*\/(raw|compacted|filters|indexes|iceberg|iceberg\/metadata|manifests|symlinks|sealed|errors|replays|traces)\/\*\]$/,
    reason: 'Objects of all tables under the prefixes that the function reads or writes.',
  },
  {
    finds:
      /^\/LakeMaintenance\/Compact\/Role\/DefaultPolicy AwsSolutions-IAM5\[Resource::.*\/results\/\*\]$/,
    reason: 'Results of all joins: which of their runs count no more is only known by reading.',
  },
  {
    finds:
      /^\/LakeMaintenance\/TakeIncoming\/Role\/DefaultPolicy AwsSolutions-IAM5\[Resource::.*\/(incoming|incoming-done|incoming-failed|\*\/backfills)\/\*\]$/,
    reason: 'Whoever drops a file names it, and its digest names its progress.',
  },
  {
    finds: /\/DefaultPolicy AwsSolutions-IAM5\[Resource::.*\/operation-runs\/.*\*\]$/,
    reason: 'Each run that somebody asks for has an id of its own.',
  },
  {
    finds:
      /\/DefaultPolicy AwsSolutions-IAM5\[Resource::.*:stream\/sluice-(dev|staging|prod)-\*\]$/,
    reason:
      'The streams of the stage: a policy has 10,240 characters, which a list of some hundred would not fit.',
  },
  {
    finds: /\/DeliveryRole(-\w+)?\/DefaultPolicy AwsSolutions-IAM5\[Resource::.*Function.*:\*\]$/,
    reason: 'The versions of one function.',
  },
  {
    finds:
      /^\/LakeMaintenance\/(Compact|Erase)\/Role\/DefaultPolicy AwsSolutions-IAM5\[Resource::.*:table\/.*\/\*\]$/,
    reason:
      'The tables of the lake’s database that the function makes itself, one for each event type: a list of hundreds would not fit a policy.',
  },
  {
    finds: /^\/(LakeMaintenance|Analytics)\/MissedRuns AwsSolutions-SQS3$/,
    reason:
      'It is a dead-letter queue: of schedules, rules and functions, which the rule does not see.',
  },
  {
    finds: /^\/(LookupApi|Analytics|Operations)\/Api\/Api AwsSolutions-APIG2$/,
    reason: 'The function validates, with messages that name the parameter.',
  },
  {
    finds: /^\/IngestGateway\/Api\/Api AwsSolutions-APIG2$/,
    reason: 'Request models are in the OpenAPI document of the API, which the rule does not read.',
  },
  {
    finds: /^\/Analytics\/.*\/DefaultPolicy AwsSolutions-IAM5\[Resource::.*:table\/.*\/\*\]$/,
    reason:
      'SQL may name any table of the lake’s own database, and the crawler makes tables; the catalog’s other databases are out of reach.',
  },
  {
    finds:
      /^\/Analytics\/.*\/DefaultPolicy AwsSolutions-IAM5\[Resource::.*:s3:::.*\/(raw|compacted|iceberg|reference|query-results|results)\/.*\*\]$/,
    reason:
      'Objects of the tables that are read and of the results that are written; their names are made by others.',
  },
  {
    finds: /^\/Analytics\/.*\/DefaultPolicy AwsSolutions-IAM5\[Resource::.*:execution:.*:\*\]$/,
    reason: 'Executions of the joins’ own state machines; each has a name of its own.',
  },
  {
    finds:
      /^\/Analytics\/.*\/DefaultPolicy AwsSolutions-IAM5\[Resource::.*:log-group:\/aws-glue\/\*\]$/,
    reason: 'Glue makes the log groups of crawlers and jobs itself, under this prefix.',
  },
  {
    finds: /^\/Analytics\/(References\/Crawler|.*\/Job) AwsSolutions-GL1$/,
    reason:
      'Its logs hold names of files and columns and no rows; CloudWatch encrypts them with its own key.',
  },
  {
    finds: /^\/Analytics\/.*\/Job AwsSolutions-GL3$/,
    reason: 'It keeps no bookmarks.',
  },
  {
    finds: /^\/Console\/SignIn\/Users AwsSolutions-COG3$/,
    reason:
      'Threat protection costs by the month and person; each account is made by hand and has a second factor.',
  },
  {
    finds: /^\/Console\/Api\/KeyValue AwsSolutions-SMG4$/,
    reason:
      'Its value stands in the API’s stage, too, so the two change together: by a deployment.',
  },
  {
    finds: /^\/Console\/Api\/Api AwsSolutions-APIG2$/,
    reason: 'It passes requests on; the API behind it validates.',
  },
  {
    finds: /^\/Console\/Page\/(Files AwsSolutions-S1|Distribution AwsSolutions-CFR3)$/,
    reason:
      'The files are the same for everybody and hold no data; each request for data is in the access log of the API, with who made it.',
  },
  {
    finds: /^\/Console\/Page\/Distribution AwsSolutions-CFR[12]$/,
    reason:
      'Without a token it gives the page’s files alone, and API Gateway throttles what goes on from there.',
  },
  {
    finds: /^\/Console\/Page\/Distribution AwsSolutions-CFR4$/,
    reason:
      'CloudFront decides on TLS for its own domain names; a name of one’s own needs a certificate, which only its owner can get.',
  },
  {
    finds: /^\/Console\/Page\/PublisherRole\/DefaultPolicy AwsSolutions-IAM5\[Resource::.*\/\*\]$/,
    reason: 'All files of the page, under whatever names the build and the deployment give them.',
  },
  {
    finds: /^\/Console\/Custom::CDKBucketDeployment\w+ AwsSolutions-L1$/,
    reason: 'The runtime of CDK’s own function, which comes with the version of aws-cdk-lib.',
  },
  {
    finds: /DeploymentStage\.(dev|staging) AwsSolutions-APIG3$/,
    reason: 'A firewall costs by the month; production has one, by its setting.',
  },
  {
    finds: /^\/Console\/Api\/Api\/DeploymentStage\.prod AwsSolutions-APIG3$/,
    reason:
      'It answers those alone whom an administrator let into the user pool, a few people; its throttle bounds what anyone else costs.',
  },
];
