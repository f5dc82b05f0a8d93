/** A price for a range of volume. `upTo` is inclusive and in the price's own unit; the last tier has none. */
export interface Tier {
  readonly upTo?: number;
  readonly price: number;
}

/** List prices in US dollars, without tax, free tiers and discounts. */
export interface Prices {
  readonly apiGateway: {
    /** Price of a million requests to a REST API. */
    readonly perMillionRequests: readonly Tier[];
  };
  readonly kinesis: {
    readonly provisioned: {
      readonly perShardHour: number;
      /** Price of a million units; a unit is 25 KB of a record. */
      readonly perMillionPutUnits: number;
    };
    readonly onDemand: {
      readonly perStreamHour: number;
      /** Price of a gigabyte put into the stream; records are rounded up to 1 KB. */
      readonly perGBIn: number;
      readonly perGBOut: number;
    };
  };
  readonly firehose: {
    /** Price of a gigabyte from a Kinesis stream or put directly; records are rounded up to 5 KB. */
    readonly perGB: readonly Tier[];
    readonly perGBConverted: number;
  };
  readonly lambda: {
    readonly perMillionRequests: number;
    /** Price on Arm. */
    readonly perGBSecond: number;
  };
  readonly s3: {
    readonly perGBMonth: readonly Tier[];
    readonly perThousandPuts: number;
    readonly perThousandGets: number;
  };
  readonly sqs: {
    /** Price for standard queues; a request carries up to 10 messages and 64 KB. */
    readonly perMillionRequests: number;
  };
  readonly kms: { readonly perKeyMonth: number; readonly perTenThousandRequests: number };
  readonly cloudWatch: {
    readonly perGBLogs: number;
    readonly perMetricMonth: number;
    readonly perAlarmMonth: number;
    readonly perDashboardMonth: number;
  };
  readonly xray: { readonly perMillionTraces: number };
  readonly scheduler: { readonly perMillionInvocations: number };
  readonly athena: {
    /** Price of a terabyte (10^12 bytes) read by queries; each query counts as at least 10 MB. */
    readonly perTBScanned: number;
  };
  readonly stepFunctions: {
    /** Price for standard workflows. */
    readonly perThousandTransitions: number;
  };
  readonly glue: {
    /** Price of a crawler's DPU-hour; each run counts as at least 10 minutes. */
    readonly perDpuHour: number;
  };
  readonly transfer: { readonly perGBOut: number };
}

/**
 * Date of the list prices. These were compared with public copies of AWS's pages: API Gateway, Kinesis, Firehose's
 * first tier, Step Functions, Glue, and KMS's keys. These were compared with what others quote from the pages:
 * Athena, Lambda, CloudWatch, S3's requests, and KMS's requests. Not compared: SQS, the scheduler, X-Ray, transfer,
 * and the tiers of large volumes. Compare all of them before a decision depends on one.
 */
export const priceSource = {
  date: '2026-11-21',
  pages: [
    'aws.amazon.com/api-gateway/pricing',
    'aws.amazon.com/kinesis/data-streams/pricing',
    'aws.amazon.com/firehose/pricing',
    'aws.amazon.com/lambda/pricing',
    'aws.amazon.com/s3/pricing',
    'aws.amazon.com/sqs/pricing',
    'aws.amazon.com/kms/pricing',
    'aws.amazon.com/cloudwatch/pricing',
    'aws.amazon.com/xray/pricing',
    'aws.amazon.com/eventbridge/pricing',
    'aws.amazon.com/athena/pricing',
    'aws.amazon.com/step-functions/pricing',
    'aws.amazon.com/glue/pricing',
    'aws.amazon.com/ec2/pricing/on-demand (data transfer)',
  ],
} as const;

const terabyte = 1_024;

const northVirginia: Prices = {
  apiGateway: {
    perMillionRequests: [
      { upTo: 333, price: 3.5 },
      { upTo: 1_000, price: 2.8 },
      { upTo: 20_000, price: 2.38 },
      { price: 1.51 },
    ],
  },
  kinesis: {
    provisioned: { perShardHour: 0.015, perMillionPutUnits: 0.014 },
    onDemand: { perStreamHour: 0.04, perGBIn: 0.08, perGBOut: 0.04 },
  },
  firehose: {
    perGB: [
      { upTo: 500 * terabyte, price: 0.029 },
      { upTo: 2_000 * terabyte, price: 0.025 },
      { price: 0.02 },
    ],
    perGBConverted: 0.018,
  },
  lambda: { perMillionRequests: 0.2, perGBSecond: 0.000_013_333_4 },
  s3: {
    perGBMonth: [
      { upTo: 50 * terabyte, price: 0.023 },
      { upTo: 500 * terabyte, price: 0.022 },
      { price: 0.021 },
    ],
    perThousandPuts: 0.005,
    perThousandGets: 0.000_4,
  },
  sqs: { perMillionRequests: 0.4 },
  kms: { perKeyMonth: 1, perTenThousandRequests: 0.03 },
  cloudWatch: {
    perGBLogs: 0.5,
    perMetricMonth: 0.3,
    perAlarmMonth: 0.1,
    perDashboardMonth: 3,
  },
  xray: { perMillionTraces: 5 },
  scheduler: { perMillionInvocations: 1 },
  athena: { perTBScanned: 5 },
  stepFunctions: { perThousandTransitions: 0.025 },
  glue: { perDpuHour: 0.44 },
  transfer: { perGBOut: 0.09 },
};

/** Prices by region. AWS lists the same prices for these three. To support another region, add an entry. */
export const pricesByRegion: ReadonlyMap<string, Prices> = new Map([
  ['us-east-1', northVirginia],
  ['us-east-2', northVirginia],
  ['us-west-2', northVirginia],
]);

/** Returns the cost of `amount` units, of which each tier has its own price. */
export function tiered(tiers: readonly Tier[], amount: number): number {
  let cost = 0;
  let from = 0;
  for (const { upTo = Infinity, price } of tiers) {
    if (amount <= from) break;
    cost += (Math.min(amount, upTo) - from) * price;
    from = upTo;
  }
  return cost;
}
