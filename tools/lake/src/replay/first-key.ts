import { keyColumn, type EventType } from '@sluice/event-schema';
import { compileFlattener, openRecord, unzip } from '@sluice/record-flattening';
import type { SendRecords } from '@sluice/failed-records/replay';

type Records = Parameters<SendRecords>[1];

/** Finds the key of the first row that a stream accepted, so that the user can look it up. */
export class FirstKey {
  #key: string | undefined;

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

  /** Returns the key of a record. The stream accepted the record, so it becomes a row. */
  #keyOf([first]: Records): string | undefined {
    if (!first) return undefined;
    const { bytes, envelope } = openRecord(first.data);
    if (!envelope) return undefined;
    let rows = bytes;
    if (envelope.holds !== 'rows') {
      const result = compileFlattener(this.eventType).flatten(unzip(bytes), envelope.origin);
      if (result.status !== 'rows') return undefined;
      rows = result.bytes;
    }
    return keyText(rows, this.eventType);
  }
}

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
