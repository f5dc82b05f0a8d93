import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { lambdaTelemetry } from './telemetry';

/** Returns the lines that some work writes to the global console. */
function linesOf(work: () => void): unknown[] {
  const lines: unknown[] = [];
  const spies = (['log', 'info', 'error'] as const).map((level) =>
    jest.spyOn(console, level).mockImplementation((...texts: unknown[]) => {
      lines.push(...texts.map((text): unknown => JSON.parse(String(text))));
    }),
  );
  work();
  spies.forEach((spy) => spy.mockRestore());
  return lines;
}

const event = (requestId: string) =>
  ({ requestContext: { requestId } }) as unknown as APIGatewayProxyEvent;

describe('telemetry', () => {
  const { env } = process;
  beforeAll(() => {
    // Powertools has a console of its own unless it is in development, where it makes no metrics by itself.
    process.env = {
      ...env,
      POWERTOOLS_DEV: 'true',
      POWERTOOLS_METRICS_DISABLED: 'false',
      POWERTOOLS_METRICS_NAMESPACE: 'Sluice/test',
    };
  });
  afterAll(() => {
    process.env = env;
  });

  test('is a line of metrics for each look-up, with the id of its request', () => {
    const lines = linesOf(() => {
      const telemetry = lambdaTelemetry();
      for (const [id, gets] of [
        ['request-1', 3],
        ['request-2', 0],
      ] as const) {
        telemetry.invocationBegins(event(id), {} as Context);
        telemetry.lookedUp('thing', { lists: 1, gets, hedges: 1, bytesRead: gets * 1_000 });
      }
    });
    const line = {
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: 'Sluice/test',
            Dimensions: [['service']],
            Metrics: [
              { Name: 's3Requests', Unit: 'Count' },
              { Name: 's3RequestsSentTwice', Unit: 'Count' },
              { Name: 'bytesRead', Unit: 'Bytes' },
            ],
          },
        ],
      },
      service: 'lookup-api',
      event_type: 'thing',
    };
    expect(lines).toMatchObject([
      {
        ...line,
        correlation_id: 'request-1',
        s3Requests: 4,
        s3RequestsSentTwice: 1,
        bytesRead: 3_000,
      },
      { ...line, correlation_id: 'request-2', s3Requests: 1, bytesRead: 0 },
    ]);
  });

  test('says of a look-up of a person who made it, and nothing of the person', () => {
    const lines = linesOf(() => {
      const telemetry = lambdaTelemetry();
      const identity = { apiKeyId: 'key-1', userArn: null, sourceIp: '203.0.113.7' };
      const requestContext = { requestId: 'request-1', identity };
      telemetry.invocationBegins(
        { requestContext } as unknown as APIGatewayProxyEvent,
        {} as Context,
      );
      telemetry.personLookedUp({ eventType: 'thing', by: 'user.id', rows: 3 });
    });
    expect(lines).toMatchObject([
      {
        ...{ level: 'INFO', message: 'a person was looked up', correlation_id: 'request-1' },
        ...{ eventType: 'thing', by: 'user.id', rows: 3 },
        caller: { apiKeyId: 'key-1', sourceIp: '203.0.113.7' },
      },
    ]);
  });

  test('names the request of what went wrong, and neither its ids nor its key', () => {
    const lines = linesOf(() => {
      const telemetry = lambdaTelemetry();
      telemetry.invocationBegins(event('request-1'), { awsRequestId: 'call-1' } as Context);
      telemetry.failed(new Error('S3 is away'), {
        method: 'GET',
        path: '/v1/events/thing',
        query: new Map([['id', ['secret-id']]]),
        headers: new Map([['x-api-key', 'secret-key']]),
        body: 'secret-body',
      });
    });
    expect(lines).toMatchObject([
      {
        level: 'ERROR',
        message: 'look-up failed',
        correlation_id: 'request-1',
        function_request_id: 'call-1',
        method: 'GET',
        path: '/v1/events/thing',
        error: { message: 'S3 is away' },
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});
