import { joinQuery, joinReportQuery, type Join } from '@sluice/event-schema';
import {
  queryResultsPrefix,
  referencePrefix,
  resultRunPrefix,
  resultSymlinkKey,
  sealedPrefix,
} from '@sluice/lake-layout';
import { expression, filledIn } from './jsonata';
import type { Retrier, StateMachine, TaskState } from './state-machine';

export interface JoinStateMachineOptions {
  readonly join: Join;
  /** Name of the lake's bucket. */
  readonly bucket: string;
  readonly database: string;
  readonly workGroup: string;
  /** Glue job that writes the rows where the join's engine is `spark`. */
  readonly glueJob?: string;
}

/**
 * Longest time of a query in seconds. Athena's own limit is 30 minutes (user guide: service-limits); a Spark job may
 * take longer.
 */
const queryTimeoutSeconds = 40 * 60;
const runTimeoutSeconds = 3 * 60 * 60;

/** Retry for errors that ask to try again later, when nothing has been started yet. */
const throttling: Retrier = {
  ErrorEquals: [
    'Athena.TooManyRequestsException',
    'Athena.InternalServerException',
    'Glue.ConcurrentRunsExceededException',
    'Glue.ThrottlingException',
    'S3.SdkClientException',
    'S3.S3Exception',
  ],
  IntervalSeconds: 2,
  MaxAttempts: 5,
  BackoffRate: 2,
  JitterStrategy: 'FULL',
};

const failed = 'Failed';

/**
 * Returns the state machine that runs one join for one day, without any function. It writes the rows into the run's
 * own folder, counts them, and then publishes the run by copying the list of its files to where the table looks for
 * it. Until then, and after any failure, the previous result stays.
 *
 * The list is the data manifest that Athena writes for an UNLOAD, with a file in each line, as a symlink table reads
 * it (user guide: querying-finding-output-files). It is copied rather than put, because Step Functions would write a
 * text as JSON, in quotes.
 *
 * A failed run's error is the name of the failed state; its cause is what that state reported.
 */
export function joinStateMachine(options: JoinStateMachineOptions): StateMachine {
  const { join, bucket } = options;
  const referenceFolder = referencePrefix(join.right.name);
  const symlinkKey = expression(filledIn(resultSymlinkKey(join.name, '$date'), ['$date']));
  return {
    Comment: `Joins ${join.left.name} with ${join.right.name}`,
    QueryLanguage: 'JSONata',
    StartAt: 'Read the input',
    TimeoutSeconds: runTimeoutSeconds,
    States: {
      'Read the input': {
        Type: 'Pass',
        Assign: {
          date: expression(dateOfInput),
          run: expression('$states.context.Execution.Name'),
        },
        Next: 'Check the input',
      },
      'Check the input': {
        Comment: 'Both become part of SQL and of keys.',
        Type: 'Choice',
        Choices: [
          {
            Condition: expression(
              `$length($date) = 10 and $contains($date, ${datePattern}) and $contains($run, ${runPattern})`,
            ),
            Next: 'Find the reference table',
          },
        ],
        Default: 'Refuse the input',
      },
      'Refuse the input': {
        Type: 'Fail',
        Error: 'Check the input',
        Cause: expression(
          `'the input must name a day, such as {"date":"2026-01-31"}, and the run have a name of letters, digits, "-", "_" and "."; the day is "' & $date & '", the run "' & $run & '"'`,
        ),
      },
      'Find the reference table': {
        Comment: 'An empty table joins as one; a table that was never put is a mistake.',
        ...guarded('Find the reference table'),
        Resource: 'arn:aws:states:::aws-sdk:s3:listObjectsV2',
        Arguments: { Bucket: bucket, Prefix: referenceFolder, MaxKeys: 1 },
        Assign: { referenceFiles: expression('$states.result.KeyCount') },
        Next: 'Has a reference table',
      },
      'Has a reference table': {
        Type: 'Choice',
        Choices: [{ Condition: expression('$referenceFiles > 0'), Next: 'Write the rows' }],
        Default: 'Refuse without a reference table',
      },
      'Refuse without a reference table': {
        Type: 'Fail',
        Error: 'Find the reference table',
        Cause: `${join.right.name} was never put: there is nothing under s3://${bucket}/${referenceFolder}; put it with "npm run lake -- put-reference --name ${join.right.name} --file …"`,
      },
      'Write the rows': writeRows(options),
      'Count the rows': {
        ...athenaQuery(options, 'Count the rows', joinReportQuery(join)),
        Assign: { reportQueryId: expression('$states.result.QueryExecution.QueryExecutionId') },
        Next: 'Read the counts',
      },
      'Read the counts': {
        ...guarded('Read the counts'),
        Resource: 'arn:aws:states:::athena:getQueryResults',
        Arguments: { QueryExecutionId: expression('$reportQueryId'), MaxResults: 2 },
        Assign: { report: expression(countsOfResult) },
        Next: 'Has files',
      },
      'Has files': {
        Type: 'Choice',
        Choices: [{ Condition: expression("$manifest != ''"), Next: 'Swap in the result' }],
        Default: 'Empty the result',
      },
      'Swap in the result': {
        ...guarded('Swap in the result'),
        Resource: 'arn:aws:states:::aws-sdk:s3:copyObject',
        Arguments: {
          Bucket: bucket,
          Key: symlinkKey,
          CopySource: expression("$substringAfter($manifest, 's3://')"),
        },
        Next: 'Done',
      },
      'Empty the result': {
        ...guarded('Empty the result'),
        Resource: 'arn:aws:states:::aws-sdk:s3:deleteObject',
        Arguments: { Bucket: bucket, Key: symlinkKey },
        Next: 'Done',
      },
      Done: {
        Type: 'Succeed',
        Output: {
          join: join.name,
          date: expression('$date'),
          run: expression('$run'),
          report: expression('$report'),
        },
      },
      [failed]: {
        Type: 'Fail',
        Error: expression('$failedStep'),
        Cause: expression('$reason'),
      },
    },
  };
}

const runPattern = '/^[A-Za-z0-9_.-]{1,80}$/';
const datePattern = '/^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/';

/**
 * Expression for the day of a run: `date` of its input, the day before `scheduledTime`, or the day of the marker in
 * EventBridge's `Object Created`. It always returns a text, because an expression without a value would end the run
 * where no Catch applies.
 */
const dateOfInput = `(
  $key := $states.input.detail.object.key;
  $time := $states.input.scheduledTime;
  $exists($states.input.date) ? $string($states.input.date)
    : $exists($key) ? $substringBefore($substringAfter($string($key), '${sealedPrefix('')}dt='), '.json')
    : $exists($time) ? $fromMillis($toMillis($time) - 86400000, '[Y0001]-[M01]-[D01]')
    : ''
)`;

/** Expression for the only row of counts, which follows Athena's row of names. */
const countsOfResult = `(
  $names := $states.result.ResultSet.Rows[0].Data.VarCharValue;
  $values := $states.result.ResultSet.Rows[1].Data.VarCharValue;
  $merge($map($names, function($name, $index) { { $name: $number($values[$index]) } }))
)`;

/**
 * Returns the members that every task shares: it retries when a service is throttling, and reports where and why it
 * failed.
 */
const guarded = (step: string) =>
  ({
    Type: 'Task',
    Retry: [throttling],
    Catch: [
      {
        ErrorEquals: ['States.ALL'],
        Assign: {
          failedStep: step,
          reason: expression(
            '$exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : $states.errorOutput.Error',
          ),
        },
        Next: failed,
      },
    ],
  }) as const;

/** Returns the arguments of a query. @param sql has one parameter, the day */
const athenaQuery = (
  { database, workGroup }: JoinStateMachineOptions,
  step: string,
  sql: string,
) => ({
  ...guarded(step),
  Resource: 'arn:aws:states:::athena:startQueryExecution.sync',
  Arguments: {
    QueryString: sql,
    // Athena expects SQL literals here (API reference: StartQueryExecution); the date has been checked before.
    ExecutionParameters: [expression(`"'" & $date & "'"`)],
    QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: database },
    WorkGroup: workGroup,
  },
  TimeoutSeconds: queryTimeoutSeconds,
});

function writeRows(options: JoinStateMachineOptions): TaskState {
  const step = 'Write the rows';
  const { join, bucket, glueJob } = options;
  if (join.engine === 'spark') {
    if (glueJob === undefined)
      throw new Error(`the join ${join.name} runs on Spark and needs the name of its Glue job`);
    const manifest = `s3://${bucket}/${queryResultsPrefix}$run-manifest.csv`;
    return {
      ...guarded(step),
      Resource: 'arn:aws:states:::glue:startJobRun.sync',
      Arguments: {
        JobName: glueJob,
        Arguments: {
          '--date': expression('$date'),
          '--run': expression('$run'),
          '--manifest': expression(filledIn(manifest, ['$run'])),
        },
      },
      Assign: { manifest: expression(filledIn(manifest, ['$run'])) },
      Next: 'Count the rows',
    };
  }
  const folder = `s3://${bucket}/${resultRunPrefix(join.name, '$date', '$run')}`;
  const unload = `UNLOAD (\n${joinQuery(join)}\n) TO '${folder}' WITH (format = 'PARQUET', compression = 'ZSTD')`;
  const query = athenaQuery(options, step, expression(filledIn(unload, ['$date', '$run'])));
  return {
    ...query,
    Assign: {
      manifest: expression(
        '$exists($states.result.QueryExecution.Statistics.DataManifestLocation) ? $states.result.QueryExecution.Statistics.DataManifestLocation : ""',
      ),
    },
    Next: 'Count the rows',
  };
}
