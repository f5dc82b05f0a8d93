import { keyColumn, type EventType, type RecordOrigin } from '@sluice/event-schema';
import { compileFlattener, openRecord, unzip, type Flattener } from '@sluice/record-flattening';
import type { SendRecords } from '@sluice/failed-records/replay';

type Records = Parameters<SendRecords>[1];

/** Finds the key of the first row that a stream accepted, so that the user can look it up. */
export class FirstKey {
  #key: string | undefined;
  #flattener: Flattener | undefined;

  constructor(private readonly eventType: EventType) {}

  /** The key; undefined where no row was accepted, or where a look-up spells it differently than JSON. */
  get key(): string | undefined {
    return this.#key;
  }

  /** Returns a function that sends like `send`, and examines what was accepted. */
  watching(send: SendRecords): SendRecords {
    return async (table, records) => {
      const refusals = await send(table, records);
      this.#key ??= this.#keyOf(records.filter((_, index) => refusals[index] === undefined));
      return refusals;
    };
  }

  /** Keeps the key of an event that is about to be sent, if it becomes a row and no key is known yet. */
  look(text: string): void {
    this.#key ??= this.#keyOfRows(Buffer.from(text), anyOrigin);
  }

  /** Returns the key of a record. The stream accepted the record, so it becomes a row. */
  #keyOf([first]: Records): string | undefined {
    if (!first) return undefined;
    const { bytes, envelope } = openRecord(first.data);
    if (!envelope) return undefined;
    return envelope.holds === 'rows'
      ? keyText(bytes, this.eventType)
      : this.#keyOfRows(unzip(bytes), envelope.origin);
  }

  #keyOfRows(text: Uint8Array, origin: RecordOrigin): string | undefined {
    this.#flattener ??= compileFlattener(this.eventType);
    const result = this.#flattener.flatten(text, origin);
    return result.status === 'rows' ? keyText(result.bytes, this.eventType) : undefined;
  }
}

/** Made-up origin of an event's record; only the key of the row is used. */
const anyOrigin: RecordOrigin = { shardId: 'shardId-0', sequenceNumber: '0', arrivalMs: 0 };

function keyText(rows: Uint8Array, eventType: EventType): string | undefined {
  const [line = ''] = Buffer.from(rows).toString('utf8').split('\n');
  try {
    const value = (JSON.parse(line) as Record<string, unknown>)[keyColumn(eventType).name];
    if (typeof value === 'string' && value !== '') return value;
    return Number.isSafeInteger(value) ? String(value) : undefined;
  } catch {
    return undefined;
  }
}
