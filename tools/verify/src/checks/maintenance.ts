import { Unexpected } from '@sluice/checks';
import { tableName, type EventType } from '@sluice/event-schema';
import { errorsOfDayPrefix, lakeDate, manifestKey, replayKey } from '@sluice/lake-layout';
import { compileRecordCheck } from '@sluice/record-flattening';
import { byEventType } from '../by-event-type';
import type { Check } from '../check';
import { compareRow, hasMark } from '../compare-row';
import { clearEventType, type PostedEvent, type VerifyRun } from '../verify-run';
import { waitForRows } from './delivery';

/** A day that no real error output has, so that replaying it affects only the run's own lines. */
export const replayDay = '2000-01-01';

export const maintenanceChecks: readonly Check[] = [
  replayCheck({
    id: 'replay.processing-failed',
    assumption: 'A record of the error output goes back into the stream and becomes a row.',
    kind: 'processing-failed',
    line: (event) => ({
      attemptsMade: 1,
      arrivalTimestamp: event.postedMs,
      errorCode: 'Lambda.ProcessingFailedStatus',
      errorMessage: 'ProcessingFailed status set for record',
      attemptEndingTimestamp: event.postedMs,
      rawData: base64(event.text),
      lambdaARN: 'arn:aws:lambda:us-east-1:000000000000:function:verify:$LATEST',
    }),
  }),
  replayCheck({
    id: 'replay.conversion-failed',
    assumption:
      'What only the format conversion refused is what the function gave, and becomes a row.',
    kind: 'format-conversion-failed',
    line: (event) => conversionLine(event, finishedRows(event)),
  }),
  replayCheck({
    id: 'replay.conversion-failed-original',
    assumption: 'Where Firehose keeps the original instead, that becomes a row, too.',
    kind: 'format-conversion-failed',
    line: (event) => conversionLine(event, event.text),
  }),
  {
    id: 'compaction.run',
    assumption: 'The compaction function may read, write and commit with conditional PUTs.',
    expected: 'a manifest of the day, for each event type',
    needs: ['delivery.rows'],
    run: (run) =>
      byEventType(run.target.eventTypes, async (eventType) => {
        const table = tableName(eventType);
        const date = arrivalDay(run, eventType);
        const summary = await run.invoke('compact', { table, date });
        if (summary['complete'] !== true)
          throw new Unexpected(`not complete: ${JSON.stringify(summary).slice(0, 300)}`);
        const { bytes } = await run.target.store.get(manifestKey(table, date));
        const { files = [] } = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
          readonly files?: readonly unknown[];
        };
        return `${files.length} compacted files of ${date}`;
      }),
  },
  {
    id: 'compaction.rows',
    assumption: 'Rows are the same, and there once, when they come from a compacted file.',
    expected: 'the row of each event, once, with the same columns as before',
    needs: ['compaction.run', 'delivery.columns'],
    run: (run) =>
      byEventType(run.target.eventTypes, async (eventType) => {
        const events = run.postedOf(eventType);
        const rows = await run.lookUp(events);
        for (const event of events) {
          const own = rows.filter((row) => hasMark(row, event, run.hashOf));
          if (own.length !== 1) throw new Unexpected(`${own.length} rows of one event`);
          const [difference] = compareRow(own[0] ?? {}, event, {
            arrivedMs: [0, Date.now() + 86_400_000],
            hashOf: run.hashOf,
          });
          if (difference)
            throw new Unexpected(
              `column ${difference.column}: expected ${difference.expected}, observed ${difference.observed}`,
            );
        }
        return `${events.length} rows`;
      }),
  },
];

function replayCheck({
  id,
  assumption,
  kind,
  line,
}: {
  readonly id: string;
  readonly assumption: string;
  readonly kind: 'processing-failed' | 'format-conversion-failed';
  readonly line: (event: PostedEvent) => object;
}): Check {
  return {
    id,
    assumption,
    expected: `a line of errors/${kind}/ is sent, and its event is a row`,
    run: async (run) => {
      const eventType = clearEventType(run);
      const table = tableName(eventType);
      const event: PostedEvent = { ...run.event(eventType, 'full'), postedMs: Date.now() };
      const name = `${errorsOfDayPrefix(table, kind, replayDay)}${run.mark}-${id}`;
      run.ownObjects.add(name);
      run.ownObjects.add(replayKey(name));
      await run.target.store.put(name, Buffer.from(`${JSON.stringify(line(event))}\n`));
      const summary = await run.invoke('replay', {
        action: 'replay',
        table,
        kind,
        from: replayDay,
        to: replayDay,
      });
      if (Number(summary['sent']) < 1)
        throw new Unexpected(`nothing was sent: ${JSON.stringify(summary).slice(0, 400)}`);
      return `sent, and a row after ${await waitForRows(run, eventType, [event])} s`;
    },
  };
}

const conversionLine = (event: PostedEvent, data: string): object => ({
  attemptsMade: 1,
  arrivalTimestamp: event.postedMs,
  lastErrorCode: 'DataFormatConversion.MalformedData',
  lastErrorMessage: 'written by verify',
  attemptEndingTimestamp: event.postedMs,
  rawData: base64(data),
  sequenceNumber: String(event.postedMs),
  subSequenceNumber: null,
  dataCatalogTable: { tableName: tableName(event.eventType), versionId: 'LATEST' },
});

/** Returns the rows that the function makes of an event. */
function finishedRows({ eventType, text, postedMs }: PostedEvent): string {
  const result = compileRecordCheck(eventType).flatten(Buffer.from(text), {
    shardId: 'shardId-000000000000',
    sequenceNumber: String(postedMs),
    arrivalMs: postedMs,
  });
  if (result.status !== 'rows') throw new Unexpected(JSON.stringify(result));
  return Buffer.from(result.bytes).toString('utf8');
}

/** Returns the day on which the rows of the run are stored. */
export const arrivalDay = (run: VerifyRun, eventType: EventType): string =>
  lakeDate(Math.max(...run.postedOf(eventType).map(({ postedMs }) => postedMs)));

const base64 = (text: string): string => Buffer.from(text).toString('base64');
