import { createRowTableBuilder } from '@sluice/columns';
import {
  lookupResponseSchema,
  requestModel,
  tableColumns,
  tableName,
  type EventType,
} from '@sluice/event-schema';
import { MemoryObjectStore, rawHourPrefix } from '@sluice/lake-layout';
import { createLookupApi } from '@sluice/lookup-api';
import { rawLayout, writeParquet } from '@sluice/parquet-writing';
import { compileFlattener } from '@sluice/record-flattening';
import Ajv from 'ajv';
import Draft4 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { isLosslessNumber } from 'lossless-json';
import { exactJson } from './reassembled-event';

const arrivalMs = Date.parse('2026-11-20T10:00:00Z');
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Tables of event types in memory, filled and read through the parts of a deployed lake. */
export class SmallLake {
  readonly #store = new MemoryObjectStore({ now: () => arrivalMs });
  #files = 0;

  /** Checks events with the request model, flattens them, and adds a raw Parquet file of their rows. */
  async ingest(eventType: EventType, events: readonly string[]): Promise<void> {
    const accepted = new Draft4({ strict: false, ownProperties: true }).compile(
      requestModel(eventType),
    );
    const flattener = compileFlattener(eventType);
    const rows = createRowTableBuilder(tableColumns(eventType));
    for (const event of events) {
      expect([accepted(JSON.parse(event)), accepted.errors, event]).toEqual([true, null, event]);
      const flat = flattener.flatten(encoder.encode(event), {
        shardId: 'shardId-000000000000',
        sequenceNumber: '1',
        arrivalMs,
      });
      if (flat.status !== 'rows') throw new Error(`${JSON.stringify(flat)} for ${event}`);
      const row = exactJson(decoder.decode(flat.bytes)) as Record<string, unknown>;
      const fault = rows.append(
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])),
      );
      if (fault) throw new Error(`${fault.column}: ${fault.detail} for ${event}`);
    }
    const key = `${rawHourPrefix(tableName(eventType), '2026-11-20', '10')}raw-${++this.#files}.parquet`;
    await this.#store.put(key, writeParquet(rows.finish(), rawLayout).bytes);
  }

  /** Returns the only row of a key, as JSON. */
  async lookUp(eventType: EventType, id: string): Promise<Readonly<Record<string, unknown>>> {
    const api = createLookupApi({
      eventTypes: [eventType],
      store: this.#store,
      now: () => arrivalMs + 60_000,
    });
    const { body, status } = await api({
      method: 'GET',
      path: `/v1/events/${eventType.name}`,
      query: new Map([['id', [id]]]),
      headers: new Map(),
      body: '',
    });
    expect(status).toBe(200);
    const answer = JSON.parse(String(body)) as { rows: readonly Record<string, unknown>[] };
    const conforms = addFormats(new Ajv({ strict: false })).compile(
      lookupResponseSchema(eventType),
    );
    expect([conforms(answer), conforms.errors]).toEqual([true, null]);
    expect(answer.rows).toHaveLength(1);
    return answer.rows[0] ?? {};
  }
}

/** Converts numbers as the conversion to Parquet reads them: integers exactly, others to doubles. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isLosslessNumber(value)) return value;
  return /^-?\d+$/.test(value.value) ? BigInt(value.value) : Number(value.value);
}
