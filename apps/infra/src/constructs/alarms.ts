import {
  Alarm,
  CfnAlarm,
  ComparisonOperator,
  TreatMissingData,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';

export interface AlarmRule {
  /** Name of the page `docs/runbooks/<runbook>.md`, in kebab-case. */
  readonly runbook: string;
  /** Subject of the alarm, where a runbook has several: a table, an API. */
  readonly subject: string;
  /** A sentence that tells the person who is woken what has happened. */
  readonly says: string;
  readonly metric: IMetric;
  /** The alarm rings for values above this one (exclusive). */
  readonly above?: number;
  /** The alarm rings for values below this one, and where there is no data. */
  readonly below?: number;
  /** Number of the last `ofPeriods` periods that have to be above. @default 1 */
  readonly periods?: number;
  readonly ofPeriods?: number;
}

/** The alarms of one app. Each names its runbook, and notifies the stage's topic when it rings and when it stops. */
export class Alarms extends Construct {
  private readonly stage: string;
  private readonly topicArn: string;

  constructor(scope: Construct, id: string, stage: string, topicArn: string) {
    super(scope, id);
    this.stage = stage;
    this.topicArn = topicArn;
  }

  add({
    runbook,
    subject,
    says,
    metric,
    above,
    below,
    periods = 1,
    ofPeriods = periods,
  }: AlarmRule): void {
    const alarm = new Alarm(this, `${subject}-${runbook}`, {
      alarmName: `sluice-${this.stage}-${runbook}-${subject}`,
      alarmDescription: `${says} What to do: docs/runbooks/${runbook}.md`,
      metric,
      threshold: below ?? above ?? 0,
      comparisonOperator:
        below === undefined
          ? ComparisonOperator.GREATER_THAN_THRESHOLD
          : ComparisonOperator.LESS_THAN_THRESHOLD,
      datapointsToAlarm: periods,
      evaluationPeriods: ofPeriods,
      // No traffic means that nothing is above the limit.
      treatMissingData:
        below === undefined ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING,
    });
    const resource = alarm.node.defaultChild as CfnAlarm;
    resource.alarmActions = [this.topicArn];
    resource.okActions = [this.topicArn];
  }
}
