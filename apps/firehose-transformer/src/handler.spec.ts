import type { Context, FirehoseTransformationEvent } from 'aws-lambda';
import { transformerHandler } from './handler';
import type { TransformedBatch } from './transform-batch';

test('takes the records out of the request, answers with theirs, and tells of the work in its order', async () => {
  const counts = { records: 1, rows: 0, failed: 1, dropped: 0, requeued: 0, suppressed: 0 };
  const batch: TransformedBatch = {
    answers: [{ recordId: '7', result: 'ProcessingFailed' }],
    faults: [{ recordId: '7', code: 'type', path: '/a', detail: 'a string where …' }],
    counts,
    traced: [],
  };
  const request = { records: [{ recordId: '7' }] } as unknown as FirehoseTransformationEvent;
  const told: unknown[] = [];
  const handler = transformerHandler({
    transform: (records) => {
      expect(records).toBe(request.records);
      return Promise.resolve(batch);
    },
    telemetry: {
      spansDropped: () => 0,
      invocationBegins: ({ awsRequestId }) => told.push(awsRequestId),
      recordFailed: (fault) => told.push(fault),
      suppressionFailed: (error) => told.push(error),
      invocationDone: (done) => told.push(done),
    },
  });
  expect(await handler(request, { awsRequestId: 'request-1' } as Context)).toEqual({
    records: batch.answers,
  });
  expect(told).toEqual(['request-1', batch.faults[0], counts]);
});
