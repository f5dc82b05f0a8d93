import { advice, failed, raiseQuota, type PreflightCheck } from './preflight-check';
import type { Situation } from '../situation';

/** Memory in MB that every account may give a function (Lambda guide: gettingstarted-limits). */
const surelyAllowedMegabytes = 3_008;
/**
 * Concurrency that Lambda keeps for functions that reserve none; an account with less can't reserve any (guide:
 * configuration-concurrency).
 */
const unreservedAtLeast = 100;
/** Number of transformers that Firehose runs at the same time for each shard (Firehose guide: data-transformation). */
const transformersPerShard = 5;
/** Number of shards with which an on-demand stream begins (Kinesis guide: how-do-i-size-a-stream). */
const shardsOnDemand = 4;
/** Estimated number of simultaneous invocations of look-up, compaction and queries. */
const otherFunctions = 10;

export const memory: PreflightCheck = {
  id: 'lambda.memory',
  checks: 'No function asks for more memory than the account gives.',
  source: 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html',
  needs: ['account.region'],
  run: async (situation) => {
    const { name, memoryMegabytes } = (await situation.needs()).functions.largest;
    const observed = `${memoryMegabytes} MB at most, of ${name}`;
    return memoryMegabytes <= surelyAllowedMegabytes
      ? observed
      : advice(
          `${observed}; whether the account gives more than ${surelyAllowedMegabytes} can't be read from outside`,
          `If the deployment fails with "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to ${surelyAllowedMegabytes}", ask for more:`,
          'Support Center → Create case → Service limit increase → Lambda; or set less in apps/infra/src/stage-settings.ts',
        );
  },
};

export const reservedConcurrency: PreflightCheck = {
  id: 'lambda.reserved-concurrency',
  checks: 'What functions reserve leaves as much unreserved as AWS asks for.',
  source: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html',
  needs: ['account.region'],
  run: async (situation) => {
    const owned = await situation.owned();
    const reserved = (await situation.needs()).functions.reserved
      .filter(({ name }) => !owned.has(`AWS::Lambda::Function ${name}`))
      .reduce((sum, { concurrency }) => sum + concurrency, 0);
    if (reserved === 0) return 'nothing more is reserved';
    const { limit, unreserved } = await situation.account.functionConcurrency();
    const least = Math.min(unreservedAtLeast, limit);
    const observed = `${reserved} to reserve of ${unreserved} that are unreserved; ${least} have to stay`;
    return unreserved - reserved >= least
      ? observed
      : failed(observed, ...raiseQuota('lambda', 'L-B99A9384', Math.max(1_000, limit + reserved)));
  },
};

export const deliveryConcurrency: PreflightCheck = {
  id: 'lambda.delivery-concurrency',
  checks: `As many functions may run at once as delivery can ask for: ${transformersPerShard} for each shard.`,
  source: 'https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html',
  needs: ['account.region'],
  run: async (situation) => {
    const { streams } = await situation.needs();
    const shards = streams.reduce(
      (sum, stream) => sum + (stream.isOnDemand ? shardsOnDemand : stream.shards),
      0,
    );
    const { limit } = await situation.account.functionConcurrency();
    const wanted = shards * transformersPerShard + otherFunctions;
    const observed = `${limit} at once; delivery asks for up to ${shards * transformersPerShard} (${shards} shards), the rest for some ${otherFunctions}`;
    return limit >= wanted
      ? observed
      : advice(
          observed,
          'It deploys, and delivery falls behind under load. Ask for more before you go live:',
          ...raiseQuota('lambda', 'L-B99A9384', Math.max(1_000, wanted)),
        );
  },
};

/** Returns the streams that no stack of the stage has yet. */
async function newStreams(situation: Situation) {
  const owned = await situation.owned();
  return (await situation.needs()).streams.filter(
    ({ name }) => !owned.has(`AWS::Kinesis::Stream ${name}`),
  );
}

const kinesisQuotas =
  'https://console.aws.amazon.com/servicequotas/home/services/kinesis/quotas (none is listed there: Support Center → Service limit increase → Kinesis Data Streams)';

export const shards: PreflightCheck = {
  id: 'kinesis.shards',
  checks: 'The provisioned shards fit into the quota of the account and region.',
  source: 'https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html',
  needs: ['account.region'],
  run: async (situation) => {
    const wanted = (await newStreams(situation)).reduce((sum, stream) => sum + stream.shards, 0);
    const limits = await situation.account.streamLimits();
    const observed = `${limits.openShards} of ${limits.shards} are open, ${wanted} more are needed`;
    return limits.openShards + wanted <= limits.shards
      ? observed
      : failed(
          observed,
          `Raise the shards per region to ${limits.openShards + wanted} or more:`,
          kinesisQuotas,
        );
  },
};

export const onDemandStreams: PreflightCheck = {
  id: 'kinesis.on-demand-streams',
  checks: 'The streams on demand fit into the quota of the account and region.',
  source: 'https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html',
  needs: ['account.region'],
  run: async (situation) => {
    const wanted = (await newStreams(situation)).filter(({ isOnDemand }) => isOnDemand).length;
    if (wanted === 0) return 'no more is on demand';
    const limits = await situation.account.streamLimits();
    const observed = `${limits.openOnDemandStreams} of ${limits.onDemandStreams} are there, ${wanted} more are needed`;
    return limits.openOnDemandStreams + wanted <= limits.onDemandStreams
      ? observed
      : failed(
          observed,
          `Raise the on-demand streams to ${limits.openOnDemandStreams + wanted} or more, or provision shards (streams.shards in apps/infra/src/stage-settings.ts):`,
          kinesisQuotas,
        );
  },
};

export const deliveryStreams: PreflightCheck = {
  id: 'firehose.delivery-streams',
  checks: 'The delivery streams fit into the quota of the account and region.',
  source: 'https://docs.aws.amazon.com/firehose/latest/dev/limits.html',
  needs: ['account.region'],
  run: async (situation) => {
    const owned = await situation.owned();
    const wanted = (await situation.needs()).deliveryStreams.filter(
      (name) => !owned.has(`AWS::KinesisFirehose::DeliveryStream ${name}`),
    ).length;
    const there = (await situation.account.deliveryStreams()).length;
    const quota = await situation.account.quota('firehose', 'L-14BB0BE7');
    const observed = `${there} of ${quota ?? 'an unknown number'} are there, ${wanted} more are needed`;
    const raise = raiseQuota('firehose', 'L-14BB0BE7', there + wanted);
    if (quota === undefined)
      return wanted === 0 ? observed : advice(observed, 'See what the quota is:', raise[1]);
    return there + wanted <= quota ? observed : failed(observed, ...raise);
  },
};

export const apiThrottle: PreflightCheck = {
  id: 'api-gateway.throttle',
  checks: 'No usage plan promises more than all APIs of the account and region share.',
  source: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html',
  needs: ['account.region'],
  run: async (situation) => {
    const { throttles } = await situation.needs();
    const most = {
      requestsPerSecond: Math.max(0, ...throttles.map((one) => one.requestsPerSecond)),
      burst: Math.max(0, ...throttles.map((one) => one.burst)),
    };
    const { requestsPerSecond, burst } = await situation.account.apiGateway();
    if (requestsPerSecond === undefined || burst === undefined)
      return advice(
        'AWS does not say what the account has',
        raiseQuota('apigateway', 'L-8A5B8E43', 0)[1],
      );
    const observed = `${requestsPerSecond} a second and a burst of ${burst}; a plan has ${most.requestsPerSecond} and ${most.burst} at most`;
    return most.requestsPerSecond <= requestsPerSecond && most.burst <= burst
      ? observed
      : advice(
          observed,
          'It deploys, and callers meet 429 below what their plan promises. Raise the account (the burst goes with it), or lower the stage’s throttles:',
          ...raiseQuota('apigateway', 'L-8A5B8E43', Math.max(10_000, most.requestsPerSecond)),
        );
  },
};

export const logsRole: PreflightCheck = {
  id: 'api-gateway.logs-role',
  checks:
    'The role by which API Gateway writes logs, one for the account and region, is free to be set.',
  source: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html',
  needs: ['account.region'],
  run: async (situation) => {
    const { setsApiGatewayRole, throttles } = await situation.needs();
    if (!setsApiGatewayRole) return 'the templates leave it as it is';
    const { logsRoleArn } = await situation.account.apiGateway();
    if (logsRoleArn === undefined) return 'there is none yet; the lake’s stack sets one';
    const owned = await situation.owned();
    if (owned.has(`AWS::IAM::Role ${logsRoleArn.slice(logsRoleArn.lastIndexOf('/') + 1)}`))
      return 'it is the one that the lake’s stack set';
    const own = new Set(throttles.map(({ plan }) => plan));
    const others = (await situation.account.restApis()).filter((name) => !own.has(name));
    if (others.length === 0) return `${logsRoleArn}, which no API uses, gives way to the lake’s`;
    return advice(
      `${logsRoleArn} gives way to the lake’s; ${others.length} other APIs log through it`,
      'They go on logging, through a role with the same managed policy. If another stack sets its own at each deployment, the last one wins; where that is not wanted, take `AWS::ApiGateway::Account` out of one of them.',
    );
  },
};
