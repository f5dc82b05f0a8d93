// Reads Iceberg tables by icebird for the tests, on a thread of its own: the package is for importers only, and jest requires.
/* global Headers, Response, URL */
import { parentPort } from 'node:worker_threads';
import { icebergMetadata, icebergRead } from 'icebird';

/** @type {ReadonlyMap<string, Uint8Array>} */
let objects = new Map();

// icebird asks S3 by HTTP.
globalThis.fetch = (input, init) => {
  const bytes = objects.get(decodeURIComponent(new URL(String(input)).pathname.slice(1)));
  if (!bytes) return Promise.resolve(new Response('NoSuchKey', { status: 404 }));
  const headers = { 'content-length': String(bytes.length) };
  if (init?.method === 'HEAD') return Promise.resolve(new Response(null, { headers }));
  const range = new Headers(init?.headers).get('range');
  const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  const part =
    start === undefined ? bytes : bytes.slice(Number(start), end ? Number(end) + 1 : bytes.length);
  return Promise.resolve(new Response(part, { status: start === undefined ? 200 : 206 }));
};

parentPort?.on('message', async (request) => {
  objects = request.objects;
  try {
    const { tableUrl, metadataFileName } = request;
    const metadata = await icebergMetadata({ tableUrl, metadataFileName });
    parentPort?.postMessage({ rows: await icebergRead({ tableUrl, metadata }) });
  } catch (error) {
    parentPort?.postMessage({ fault: String(error?.stack ?? error) });
  }
});
