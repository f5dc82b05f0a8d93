import { sampledEventTypes, sampleEvents } from '@sluice/event-types/samples';
import { shippedEventTypes } from '@sluice/event-types';
import { compileFlattener, compileRowCheck, holdsFinishedRows } from '@sluice/record-flattening';

const origin = { shardId: 'shard-1', sequenceNumber: '7', arrivalMs: 1_769_904_000_000 };

const lines = (bytes: Uint8Array): unknown[] =>
  Buffer.from(bytes)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => Object.entries(JSON.parse(line) as object).sort());

test.each(sampledEventTypes)(
  'rows of %s that were flattened before come out as they went in',
  (name) => {
    const eventType = shippedEventTypes.find((one) => one.name === name);
    if (!eventType) throw new Error(`no event type ${name}`);
    const events = Array.from(sampleEvents(name, { count: 50, seed: 3 }), (event) =>
      JSON.stringify(event),
    );
    const flattened = compileFlattener(eventType).flatten(Buffer.from(events.join('\n')), origin);
    if (flattened.status !== 'rows') throw new Error(JSON.stringify(flattened));
    const rows = flattened.bytes.slice();
    expect(holdsFinishedRows(rows)).toBe(true);
    const result = compileRowCheck(eventType).check(rows);
    if (result.status !== 'rows') throw new Error(JSON.stringify(result));
    expect(result.rows).toBe(50);
    expect(lines(result.bytes)).toEqual(lines(rows));
  },
);
