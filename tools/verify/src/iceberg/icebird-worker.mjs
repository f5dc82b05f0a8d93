// Reads rows of an Iceberg table by icebird, on a thread of its own: what it fetches from S3 is asked of the parent.
/* global Headers, Response, URL */
import { parentPort, workerData } from 'node:worker_threads';
import { icebergManifests, icebergMetadata, icebergRead } from 'icebird';

/** @type {Map<number, (answer: { bytes?: Uint8Array, totalBytes?: number, fault?: string }) => void>} */
const waiting = new Map();
let asked = 0;

parentPort?.on('message', (answer) => {
  waiting.get(answer.id)?.(answer);
  waiting.delete(answer.id);
});

/** Asks the parent for an object, or for a range of it. */
const objectOf = (key, range) =>
  new Promise((resolve) => {
    const id = asked++;
    waiting.set(id, resolve);
    parentPort?.postMessage({ id, key, ...(range && { range }) });
  });

// icebird asks S3 by HTTP.
globalThis.fetch = async (input, init) => {
  const key = decodeURIComponent(new URL(String(input)).pathname.slice(1));
  const [, start, end] =
    /^bytes=(\d+)-(\d+)$/.exec(new Headers(init?.headers).get('range') ?? '') ?? [];
  const isHead = init?.method === 'HEAD';
  const range = isHead
    ? { start: 0, end: 1 }
    : start !== undefined && { start: Number(start), end: Number(end) + 1 };
  const { bytes, totalBytes, fault } = await objectOf(key, range);
  if (fault !== undefined) return new Response(fault, { status: 503 });
  if (!bytes) return new Response('NoSuchKey', { status: 404 });
  const headers = { 'content-length': String(isHead ? totalBytes : bytes.length) };
  if (isHead) return new Response(null, { headers });
  return new Response(bytes, { status: range ? 206 : 200, headers });
};

/** Reads the rows of those data files whose path has the wanted part. */
async function read({ tableUrl, metadataFile, within, maxRows }) {
  const metadata = await icebergMetadata({ tableUrl, metadataFileName: metadataFile });
  const manifests = await icebergManifests(metadata);
  const files = manifests
    .flatMap(({ entries }) => entries)
    .filter(({ data_file: file, status }) => file.content === 0 && status !== 2);
  const wanted = [];
  let rowStart = 0;
  let count = 0;
  for (const { data_file: file } of files) {
    const rowEnd = rowStart + Number(file.record_count);
    if (file.file_path.includes(within)) {
      wanted.push({ rowStart, rowEnd });
      count += rowEnd - rowStart;
    }
    rowStart = rowEnd;
  }
  if (count > maxRows) return { tooMany: count };
  const rows = [];
  for (const range of wanted) rows.push(...(await icebergRead({ tableUrl, metadata, ...range })));
  return { rows };
}

try {
  parentPort?.postMessage(await read(workerData));
} catch (error) {
  parentPort?.postMessage({ fault: String(error?.stack ?? error) });
}
