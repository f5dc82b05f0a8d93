import { joinStateMachine, sparkJoinScript } from '@sluice/analytics';
import { tableName, type Join } from '@sluice/event-schema';
import {
  queryResultsPrefix,
  referencePrefix,
  resultPrefix,
  resultSymlinkPrefix,
  sealedPrefix,
} from '@sluice/lake-layout';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnJob } from 'aws-cdk-lib/aws-glue';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { joinName, workGroupName } from '../names';
import type { StageSettings } from '../stage-settings';
import { arns } from './arns';
import { allowQueries, tablePrefixes } from './athena-access';
import { ServiceRole } from './service-role';

export interface JoinMachineProps {
  readonly settings: StageSettings;
  readonly join: Join;
  readonly bucketName: string;
  readonly keyArn: string;
  readonly databaseName: string;
  /** Queue for starts that failed. */
  readonly missedRuns: Queue;
}

/**
 * Longest name of a rule or schedule, by the API references of EventBridge (PutRule) and its Scheduler
 * (CreateSchedule).
 */
const maxNameLength = 64;

/** The resources of a join: its state machine, its triggers, and its Glue job where it runs on Spark. */
export class JoinMachine extends Construct {
  private readonly props: JoinMachineProps;
  private readonly name: string;

  constructor(scope: Construct, id: string, props: JoinMachineProps) {
    super(scope, id);
    this.props = props;
    this.name = joinName(props.settings.stage, props.join.name);
    if (this.name.length > maxNameLength)
      throw new Error(
        `the join ${props.join.name} makes a rule of the name ${this.name}, and EventBridge takes ${maxNameLength} characters; shorten the join's name`,
      );
    const stateMachine = this.stateMachine(
      props.join.engine === 'spark' ? this.glueJob() : undefined,
    );
    this.starts(stateMachine);
  }

  private stateMachine(glueJob: string | undefined): CfnStateMachine {
    const { settings, join, bucketName, databaseName } = this.props;
    const logs = new LogGroup(this, 'Logs', {
      // Log groups with this prefix need no resource policy (Step Functions guide: cw-logs).
      logGroupName: `/aws/vendedlogs/states/${this.name}`,
      retention: settings.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = this.role(glueJob);
    const stateMachine = new CfnStateMachine(this, 'StateMachine', {
      stateMachineName: this.name,
      definitionString: Stack.of(this).toJsonString(
        joinStateMachine({
          join,
          bucket: bucketName,
          database: databaseName,
          workGroup: workGroupName(settings.stage),
          ...(glueJob !== undefined && { glueJob }),
        }),
      ),
      roleArn: role.roleArn,
      // The data of an execution are SQL, counts and reasons, but no rows.
      loggingConfiguration: {
        destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logs.logGroupArn } }],
        level: 'ALL',
        includeExecutionData: true,
      },
      tracingConfiguration: { enabled: true },
    });
    // Step Functions checks its permission to log when it is created.
    stateMachine.node.addDependency(role);
    return stateMachine;
  }

  private role(glueJob: string | undefined): ServiceRole {
    const { settings, join, bucketName, keyArn, databaseName } = this.props;
    const role = new ServiceRole(this, 'Role', {
      service: 'states',
      description: `Runs the join ${join.name}`,
    });
    allowQueries(role, {
      stage: settings.stage,
      bucketName,
      keyArn,
      databaseName,
      reads: [...tablePrefixes(tableName(join.left)), referencePrefix(join.right.name)],
    });
    role.allow(
      ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
      [arns.objects(bucketName, resultPrefix(join.name))],
    );
    role.allow(['s3:DeleteObject'], [arns.objects(bucketName, resultSymlinkPrefix(join.name))]);
    if (glueJob !== undefined)
      // Source: Step Functions guide, connect-glue.
      role.allow(
        ['glue:BatchStopJobRun', 'glue:GetJobRun', 'glue:GetJobRuns', 'glue:StartJobRun'],
        [arns.glueJob(glueJob)],
      );
    // Log deliveries and traces don't support resource-level permissions (Step Functions guide: cw-logs, xray-iam).
    role.allow(
      [
        'logs:CreateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:DescribeLogGroups',
        'logs:DescribeResourcePolicies',
        'logs:GetLogDelivery',
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:UpdateLogDelivery',
        'xray:GetSamplingRules',
        'xray:GetSamplingTargets',
        'xray:PutTelemetryRecords',
        'xray:PutTraceSegments',
      ],
      ['*'],
    );
    return role;
  }

  private starts(stateMachine: CfnStateMachine): void {
    const { join, bucketName, missedRuns } = this.props;
    const sealed = join.schedule === 'day-sealed';
    const role = new ServiceRole(this, 'StartRole', {
      service: sealed ? 'events' : 'scheduler',
      description: `Starts the join ${join.name}`,
    });
    role.allow(['states:StartExecution'], [stateMachine.attrArn]);
    const retryPolicy = { maximumRetryAttempts: 5, maximumEventAgeInSeconds: 3_600 };
    const deadLetterConfig = { arn: missedRuns.queueArn };
    if (sealed) {
      const rule = new CfnRule(this, 'DaySealed', {
        name: this.name,
        description: `Runs ${join.name} for a day that has been sealed`,
        eventPattern: {
          source: ['aws.s3'],
          'detail-type': ['Object Created'],
          detail: {
            bucket: { name: [bucketName] },
            object: { key: [{ prefix: sealedPrefix(tableName(join.left)) }] },
          },
        },
        targets: [
          {
            id: 'join',
            arn: stateMachine.attrArn,
            roleArn: role.roleArn,
            retryPolicy,
            deadLetterConfig,
          },
        ],
      });
      missedRuns.addToResourcePolicy(
        new PolicyStatement({
          principals: [new ServicePrincipal('events.amazonaws.com')],
          actions: ['sqs:SendMessage'],
          resources: [missedRuns.queueArn],
          conditions: { ArnEquals: { 'aws:SourceArn': rule.attrArn } },
        }),
      );
      return;
    }
    role.allow(['sqs:SendMessage'], [missedRuns.queueArn]);
    new CfnSchedule(this, 'Schedule', {
      name: this.name,
      description: `Runs ${join.name} for the day before`,
      scheduleExpression: join.schedule,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: stateMachine.attrArn,
        roleArn: role.roleArn,
        input: JSON.stringify({ scheduledTime: '<aws.scheduler.scheduled-time>' }),
        retryPolicy,
        deadLetterConfig,
      },
    });
  }

  /** Creates the Glue job. @returns its name */
  private glueJob(): string {
    const { join, bucketName, keyArn } = this.props;
    const folder = mkdtempSync(joinPath(tmpdir(), 'sluice-job-'));
    const file = joinPath(folder, `${join.name}.py`);
    writeFileSync(file, sparkJoinScript(join));
    const script = new Asset(this, 'Script', { path: file });
    const role = new ServiceRole(this, 'JobRole', {
      service: 'glue',
      description: `Of the Glue job ${this.name}`,
    });
    role.allow(['s3:GetObject'], [`${arns.bucket(script.s3BucketName)}/${script.s3ObjectKey}`]);
    role.allow(['s3:ListBucket'], [arns.bucket(bucketName)]);
    role.allow(
      ['s3:GetObject'],
      [...tablePrefixes(tableName(join.left)), referencePrefix(join.right.name)].map((prefix) =>
        arns.objects(bucketName, prefix),
      ),
    );
    role.allow(
      ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:GetObject', 's3:PutObject'],
      [arns.objects(bucketName, resultPrefix(join.name))],
    );
    role.allow(['s3:PutObject'], [arns.objects(bucketName, queryResultsPrefix)]);
    role.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]);
    role.allow(
      ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      [arns.glueLogs()],
    );
    new CfnJob(this, 'Job', {
      name: this.name,
      description: `Writes the rows of the join ${join.name}`,
      role: role.roleArn,
      command: {
        name: 'glueetl',
        pythonVersion: '3',
        scriptLocation: script.s3ObjectUrl,
      },
      // Spark 3.5, whose SQL supports positional parameters.
      glueVersion: '5.0',
      workerType: 'G.1X',
      numberOfWorkers: 4,
      timeout: 120,
      executionProperty: { maxConcurrentRuns: 3 },
      defaultArguments: {
        '--bucket': bucketName,
        '--datalake-formats': 'iceberg',
        '--job-bookmark-option': 'job-bookmark-disable',
      },
    });
    return this.name;
  }
}
