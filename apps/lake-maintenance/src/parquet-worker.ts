// The thread of `parquetThread`, as a separate bundle beside the function's.
import { encodeParquet } from '@sluice/parquet-writing';
import { answerCalls } from '@sluice/worker-calls';
import { decodeFiles } from './compaction/parquet-codec';
import type { ParquetResult, ParquetWork } from './compaction/parquet-thread';

answerCalls<ParquetWork, ParquetResult>((work) => {
  if ('files' in work) {
    const result = decodeFiles(work.files);
    const streams = result.flatMap((file) => ('ipc' in file ? [file.ipc] : []));
    return { result, transfer: streams.map(bufferOf) };
  }
  const result = encodeParquet(work.ipc, work.layout);
  return { result, transfer: [bufferOf(result.bytes)] };
});

const bufferOf = ({ buffer }: Uint8Array): ArrayBuffer => buffer as ArrayBuffer;
