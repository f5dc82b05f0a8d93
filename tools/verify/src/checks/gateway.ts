import { streamName } from '@sluice/infra/names';
import { GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-kinesis';
import { NotApplicable, Unexpected } from '@sluice/checks';
import { tableName, type EventType } from '@sluice/event-schema';
import type { Check } from '../check';
import { shown } from '../compare-row';
import { byEventType } from '../by-event-type';
import { expectRefusal, jsonOf, said, type PostedEvent, type VerifyRun } from '../verify-run';

/** Largest size of a record in bytes, as in Kinesis (API reference: PutRecord). */
const recordBytes = 1024 * 1024;

/** Line that a stage with traces writes before the event of a recorded request (docs/adr/traces-in-the-record.md). */
const traceLine =
  // oxlint-disable-next-line no-control-regex -- no JSON text begins with this one
  /^\x1esluice-trace\/1 00-[0-9a-f]{32}-[0-9a-f]{16}-01 [0-9a-f-]{36} [0-9]+ [0-9]+\n/;

export const gatewayChecks: readonly Check[] = [
  {
    id: 'gateway.event-types',
    assumption: 'The deployed API serves just the event types that the workspace defines.',
    expected: 'GET /v1/events lists each of them',
    run: async (run) => {
      const answer = await request(run, 'GET', '/v1/events');
      const { eventTypes = [] } = jsonOf(answer, 200) as {
        readonly eventTypes?: readonly { readonly name: string }[];
      };
      const served = eventTypes.map(({ name }) => name);
      const defined = run.target.eventTypes.map(({ name }) => name);
      const missing = defined.filter((name) => !served.includes(name));
      const surplus = served.filter((name) => !defined.includes(name));
      if (missing.length + surplus.length > 0)
        throw new Unexpected(
          `not served: ${missing.join(', ') || 'none'}; served and not defined: ${surplus.join(', ') || 'none'}`,
        );
      return served.join(', ').slice(0, 300);
    },
  },
  {
    id: 'gateway.api-key',
    assumption: 'A request without a key of the usage plan does not reach the stream.',
    expected: '403 with a message, for an event that is otherwise right',
    run: async (run) => {
      const { eventType, text } = run.event(firstEventType(run), 'full');
      const path = `/v1/events/${eventType.name}`;
      return expectRefusal(
        await run.request(run.target.ingest, 'POST', path, { body: text, apiKey: 'wrong' }),
        403,
      );
    },
  },
  {
    id: 'gateway.unknown-type',
    assumption: 'A static path goes before a path parameter, so that only unknown types end there.',
    expected: '404 that says where the event types stand',
    run: async (run) => {
      const answer = await request(run, 'POST', '/v1/events/no_such_event_type', '{}');
      const text = expectRefusal(answer, 404);
      if (!text.includes('/v1/events')) throw new Unexpected(said(answer));
      return text;
    },
  },
  {
    id: 'gateway.bad-event',
    assumption:
      'The request model is imported as written, and its fault reaches the sender as JSON.',
    expected: '400 with a message, for an event without its required members',
    run: async (run) => {
      const withRequired = run.target.eventTypes.find(
        ({ schema }) => (schema.required ?? []).length > 0,
      );
      if (!withRequired) throw new NotApplicable('no event type has a required member');
      return expectRefusal(
        await request(run, 'POST', `/v1/events/${withRequired.name}`, '{"unknown":1}'),
        400,
      );
    },
  },
  {
    id: 'gateway.not-json',
    assumption: 'A body that is not JSON is refused before it reaches the stream.',
    expected: '400 with a message',
    run: async (run) =>
      expectRefusal(
        await request(run, 'POST', `/v1/events/${firstEventType(run).name}`, '{"broken'),
        400,
      ),
  },
  {
    id: 'gateway.batch-of-501',
    assumption: 'PutRecords takes 500 records, and a larger batch is refused as a whole.',
    expected: '400 with a message, for 501 events',
    run: async (run) => {
      const { eventType, text } = run.event(firstEventType(run), 'sparse');
      const events = Array<string>(501).fill(text).join(',');
      const path = `/v1/events/${eventType.name}/batch`;
      return expectRefusal(await request(run, 'POST', path, `{"events":[${events}]}`), 400);
    },
  },
  {
    id: 'gateway.too-large',
    assumption:
      'A record over 1 MiB is refused by Kinesis in words that the response template knows.',
    expected: '413 with a message',
    run: async (run) => {
      const { eventType, text } = run.event(firstEventType(run), 'full');
      const body = `${text.slice(0, -1)},"padding":"${'x'.repeat(recordBytes)}"}`;
      return expectRefusal(await request(run, 'POST', `/v1/events/${eventType.name}`, body), 413);
    },
  },
  {
    id: 'gateway.post',
    assumption: 'API Gateway writes one event of each type into its stream, byte for byte.',
    expected: '200 with the sequence number and the shard, for each event type',
    run: (run) =>
      byEventType(run.target.eventTypes, async (eventType) => {
        const event = run.event(eventType, 'full');
        const postedMs = Date.now();
        const answer = await request(run, 'POST', `/v1/events/${eventType.name}`, event.text);
        const { sequenceNumber, shardId } = jsonOf(answer, 200);
        if (!/^\d+$/.test(shown(sequenceNumber)) || !shown(shardId).startsWith('shardId-'))
          throw new Unexpected(said(answer));
        run.posted.push({ ...event, postedMs });
        return shown(shardId);
      }),
  },
  {
    id: 'gateway.record-bytes',
    assumption: 'The template hands the body on as it was sent, as a line of its own.',
    expected:
      'the record in the stream is the body and a line feed; before them at most the line of a trace',
    needs: ['gateway.post'],
    run: async (run) => {
      const eventType = firstEventType(run);
      // A local stream may have dropped the record already, because it was delivered.
      for (let attempt = 1; attempt <= 5; attempt++) {
        const postedMs = Date.now();
        const event = run.event(eventType, 'full');
        const answer = await request(run, 'POST', `/v1/events/${eventType.name}`, event.text);
        const { sequenceNumber, shardId } = jsonOf(answer, 200);
        run.posted.push({ ...event, postedMs });
        const record = await recordAt(run, eventType, shown(shardId), shown(sequenceNumber));
        if (record === undefined) continue;
        const expected = `${event.text}\n`;
        const line = traceLine.exec(record)?.[0] ?? '';
        if (record.slice(line.length) !== expected)
          throw new Unexpected(
            `${JSON.stringify(record).slice(0, 200)} … ${JSON.stringify(record.slice(-20))}`,
          );
        return `${Buffer.byteLength(expected)} bytes, the last one a line feed${line === '' ? '' : ', after the line of a trace'}`;
      }
      throw new Unexpected('the record is not in the stream any more');
    },
  },
  {
    id: 'gateway.batch',
    assumption: 'The batch template makes one record of each event, whatever its values.',
    expected: '200 with every event accepted, for each event type',
    run: (run) =>
      byEventType(run.target.eventTypes, async (eventType) => {
        const postedMs = Date.now();
        const events: readonly PostedEvent[] = (['sparse', 'full'] as const).map((variant) => ({
          ...run.event(eventType, variant),
          postedMs,
        }));
        const answer = await request(
          run,
          'POST',
          `/v1/events/${eventType.name}/batch`,
          `{"events":[${events.map(({ text }) => text).join(',')}]}`,
        );
        const { accepted } = jsonOf(answer, 200);
        if (shown(accepted) !== String(events.length)) throw new Unexpected(said(answer));
        run.posted.push(...events);
        return `${events.length} accepted`;
      }),
  },
];

/** Returns the bytes of a record; undefined where the stream no longer holds it. */
async function recordAt(
  { target }: VerifyRun,
  eventType: EventType,
  shardId: string,
  sequenceNumber: string,
): Promise<string | undefined> {
  const { ShardIterator } = await target.kinesis.send(
    new GetShardIteratorCommand({
      StreamName: streamName(target.stage, tableName(eventType)),
      ShardId: shardId,
      ShardIteratorType: 'AT_SEQUENCE_NUMBER',
      StartingSequenceNumber: sequenceNumber,
    }),
  );
  const { Records = [] } = await target.kinesis.send(
    new GetRecordsCommand({ ShardIterator, Limit: 1 }),
  );
  const [record] = Records;
  return record?.SequenceNumber === sequenceNumber && record.Data
    ? Buffer.from(record.Data).toString('utf8')
    : undefined;
}

const request = (run: VerifyRun, method: string, path: string, body?: string) =>
  run.request(run.target.ingest, method, path, body === undefined ? {} : { body });

const firstEventType = ({ target }: VerifyRun) => {
  const [first] = target.eventTypes;
  if (!first) throw new NotApplicable('the workspace defines no event type');
  return first;
};
