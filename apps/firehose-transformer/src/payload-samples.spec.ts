import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FirehoseTransformationEvent } from 'aws-lambda';
import { defineEvent } from '@sluice/event-schema';
import { compileFlattener } from '@sluice/record-flattening';
import { batchTransformer } from './transform-batch';

// Requests as the Lambda libraries publish them. They are not part of the repository.
const folder = payloadsFolder(__dirname);
const samples = [
  'powertools-ts/kinesis-firehose.json',
  'powertools-ts/kinesis-firehose-put.json',
  'lambda-go/kinesis-firehose-event.json',
];
const found =
  folder === undefined ? [] : samples.filter((sample) => existsSync(join(folder, sample)));

/** Lies beside the repository, or beside a folder that this checkout lies in. */
function payloadsFolder(from: string): string | undefined {
  const candidate = join(from, 'shared/data/payloads');
  if (existsSync(candidate)) return candidate;
  return dirname(from) === from ? undefined : payloadsFolder(dirname(from));
}

const transform = batchTransformer({
  flattener: compileFlattener(
    defineEvent({
      name: 'hello',
      version: '1.0.0',
      key: 'Hello',
      schema: { type: 'object', properties: { Hello: { type: 'string' } }, required: ['Hello'] },
    }),
  ),
  putBack: () => Promise.reject(new Error('nothing is to be put back')),
});

// The samples lie beside the repository, for their licences; a clone without them skips these.
(found.length > 0 ? describe : describe.skip)('published requests', () => {
  test.each(found)('%s has an answer for each record', async (sample) => {
    const event = JSON.parse(
      readFileSync(join(folder!, sample), 'utf8'),
    ) as FirehoseTransformationEvent;
    const { answers } = await transform(event.records);
    expect(answers.map(({ recordId }) => recordId)).toEqual(
      event.records.map(({ recordId }) => recordId),
    );
    answers.forEach(({ result, data }, index) => {
      const source = Buffer.from(event.records[index]!.data, 'base64').toString();
      if (!source.startsWith('{')) {
        expect([result, data]).toEqual(['ProcessingFailed', event.records[index]!.data]);
        return;
      }
      const { sequenceNumber } = event.records[index]!.kinesisRecordMetadata ?? {
        sequenceNumber: '',
      };
      const row = JSON.parse(Buffer.from(data!, 'base64').toString()) as Record<string, string>;
      expect(row['hello']).toBe((JSON.parse(source) as { Hello: string }).Hello);
      expect(row['event_id']).toContain(sequenceNumber);
    });
  });
});
