import type { Context } from 'aws-lambda';
import { lambdaTelemetry } from './telemetry';

/** Lines that are written to the global console meanwhile. */
function linesOf(work: () => void): unknown[] {
  const lines: unknown[] = [];
  const take = (...texts: unknown[]): void => {
    lines.push(...texts.map((text): unknown => JSON.parse(String(text))));
  };
  const spies = (['log', 'warn'] as const).map((level) =>
    jest.spyOn(console, level).mockImplementation(take),
  );
  work();
  spies.forEach((spy) => spy.mockRestore());
  return lines;
}

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

  test('is one line for a failed record and one of metrics for an invocation', () => {
    const lines = linesOf(() => {
      const telemetry = lambdaTelemetry('thing');
      telemetry.invocationBegins({ awsRequestId: 'request-1' } as Context);
      telemetry.recordFailed({
        recordId: '7',
        code: 'type',
        path: '/a',
        detail: 'a string where …',
      });
      telemetry.invocationDone({
        records: 3,
        rows: 2,
        failed: 1,
        dropped: 0,
        requeued: 0,
        suppressed: 0,
      });
    });
    expect(lines).toMatchObject([
      {
        level: 'WARN',
        message: 'record failed',
        service: 'firehose-transformer',
        event_type: 'thing',
        function_request_id: 'request-1',
        record_id: '7',
        code: 'type',
        path: '/a',
      },
      {
        _aws: {
          CloudWatchMetrics: [
            { Namespace: 'Sluice/test', Dimensions: [['service', 'event_type']] },
          ],
        },
        service: 'firehose-transformer',
        event_type: 'thing',
        records: 3,
        rows: 2,
        failed: 1,
        dropped: 0,
        requeued: 0,
        suppressed: 0,
      },
    ]);
  });
});
