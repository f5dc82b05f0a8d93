import { Unexpected } from '@sluice/checks';
import { tableName } from '@sluice/event-schema';
import { tracesPrefix } from '@sluice/lake-layout';
import type { Check } from '../check';
import { compareRow } from '../compare-row';
import { clearEventType, said, type PostedEvent, type VerifyRun } from '../verify-run';
import { waitForRows } from './delivery';

/** Milliseconds by which the clocks of a laptop and of AWS may differ. */
const clockToleranceMs = 120_000;

export const traceChecks: readonly Check[] = [
  {
    id: 'traces.row',
    assumption:
      'An event whose client records its trace becomes the same row, with traces in the stage and without.',
    expected: 'a row as the event was, and no note of it once compaction has told of its delivery',
    needs: ['delivery.rows'],
    run: async (run) => {
      const eventType = clearEventType(run);
      const event = run.event(eventType, 'full');
      const traceId = Buffer.from(run.mark).toString('hex').padEnd(32, '1').slice(0, 32);
      const postedMs = Date.now();
      const answer = await run.request(run.target.ingest, 'POST', `/v1/events/${eventType.name}`, {
        body: event.text,
        headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
      });
      if (answer.status !== 200) throw new Unexpected(said(answer));
      const posted: PostedEvent = { ...event, postedMs };
      const seconds = await waitForRows(run, eventType, [posted]);
      const row = run.rows.get(event.text) ?? {};
      const [difference] = compareRow(row, posted, {
        arrivedMs: [postedMs - clockToleranceMs, Date.now() + clockToleranceMs],
        hashOf: run.hashOf,
      });
      if (difference)
        throw new Unexpected(
          `column ${difference.column}: expected ${difference.expected}, observed ${difference.observed}`,
        );
      const table = tableName(eventType);
      await run.invoke('compact', { action: 'compact', table });
      const note = await noteOf(run, table, traceId);
      if (note !== undefined) throw new Unexpected(`its row is awaited still, by ${note}`);
      return `a row after ${seconds} s, of the trace ${traceId}`;
    },
  },
];

/** Returns the key of a note of rows that are awaited, if one is of a trace. */
async function noteOf(
  { target: { store } }: VerifyRun,
  table: string,
  traceId: string,
): Promise<string | undefined> {
  for await (const { key } of store.list(tracesPrefix(table))) {
    const { bytes } = await store.get(key);
    if (Buffer.from(bytes).includes(traceId)) return key;
  }
  return undefined;
}
