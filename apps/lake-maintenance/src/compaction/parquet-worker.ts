// The thread of `parquetThread`; a bundle of its own beside the function's.
import { parentPort } from 'node:worker_threads';
import { encodeParquet } from '@sluice/parquet-writing';
import { decodeFiles } from './parquet-codec';
import type { ParquetRequest, ParquetResponse, ParquetWork } from './parquet-thread';

parentPort?.on('message', ({ id, work }: ParquetRequest) => {
  const { response, transfer } = answer(id, work);
  parentPort?.postMessage(response, [...transfer]);
});

interface Answer {
  readonly response: ParquetResponse;
  /** Handed over, not copied. */
  readonly transfer: readonly ArrayBuffer[];
}

function answer(id: number, work: ParquetWork): Answer {
  try {
    if ('files' in work) {
      const result = decodeFiles(work.files);
      const streams = result.flatMap((file) => ('ipc' in file ? [file.ipc] : []));
      return { response: { id, result }, transfer: streams.map(bufferOf) };
    }
    const result = encodeParquet(work.ipc, work.layout);
    return { response: { id, result }, transfer: [bufferOf(result.bytes)] };
  } catch (error) {
    return {
      response: { id, fault: error instanceof Error ? error.message : String(error) },
      transfer: [],
    };
  }
}

const bufferOf = ({ buffer }: Uint8Array): ArrayBuffer => buffer as ArrayBuffer;
