import { deaggregate } from './deaggregate';
import { dataBytes, type ShardRecord, type SourceRecord } from './source-record';

// Lambda's quota for a synchronous request is 6 MB, and the bytes that each record adds besides its data.
const maxRequestBytes = 6_000_000;
const envelopeBytes = 420;

/** Records that were read and wait for their transformation. */
export class PendingRecords {
  #records: SourceRecord[] = [];
  #bytes = 0;

  /** Size of the records' data in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#records.length === 0;
  }

  /** Adds a record of a shard, or the records that a producer library put into it. */
  add(shardId: string, record: ShardRecord): void {
    for (const one of deaggregate(record)) {
      const place = String(one.subSequenceNumber ?? 0).padStart(6, '0');
      const source = { ...one, shardId, recordId: `${one.sequenceNumber}${place}` };
      this.#records.push(source);
      this.#bytes += dataBytes(source);
    }
  }

  /**
   * Removes and returns the oldest records: at least one, and no more than `limitBytes` or the function's request
   * allows.
   */
  take(limitBytes: number): readonly SourceRecord[] {
    let bytes = 0;
    let requestBytes = 0;
    let count = 0;
    for (const record of this.#records) {
      bytes += dataBytes(record);
      requestBytes += record.data.length + envelopeBytes;
      if (count > 0 && (bytes > limitBytes || requestBytes > maxRequestBytes)) break;
      count++;
    }
    const batch = this.#records.splice(0, count);
    this.#bytes -= batch.reduce((sum, record) => sum + dataBytes(record), 0);
    return batch;
  }
}
