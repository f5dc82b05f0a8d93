import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import {
  admitCaller,
  callerCheck,
  readBody,
  startLocalServer,
  type LocalServer,
  type Serve,
} from '@sluice/local-http';
import { OtlpError, spansOfOtlpJson } from './otlp-json';
import type { TraceStore } from './trace-store';

export interface OtlpReceiverOptions {
  /** Port to listen at; 0 takes a free one. */
  readonly port: number;
  /** Starts the server. @default one whose port closes with it */
  readonly serve?: Serve | undefined;
  readonly store: TraceStore;
  /** Origins whose pages may send spans. */
  readonly allowedOrigins: readonly string[];
  /** Passes a request on to the user's own collector. @default nothing is passed on */
  readonly passOn?: ((body: Uint8Array, headers: PassedHeaders) => void) | undefined;
}

export type PassedHeaders = Readonly<Record<string, string>>;

const path = '/v1/traces';
const maxBodyBytes = 4 << 20;

class RefusedError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Receives spans by OTLP over HTTP with JSON on 127.0.0.1, from Sluice's functions and from any other program of this
 * machine.
 */
export function startOtlpReceiver(options: OtlpReceiverOptions): Promise<LocalServer> {
  const check = callerCheck({ allowedOrigins: options.allowedOrigins, allowsLocalPages: false });
  const listener: RequestListener = (request, response) => {
    if (!admitCaller(check, request, response)) return;
    receive(request, options)
      .then(() => send(response, 200, {}))
      .catch((error: unknown) => {
        const status =
          error instanceof RefusedError ? error.status : error instanceof OtlpError ? 400 : 500;
        send(response, status, { message: (error as Error).message });
      });
  };
  const { serve = startLocalServer, port } = options;
  return serve(listener, port);
}

async function receive(
  request: IncomingMessage,
  { store, passOn }: OtlpReceiverOptions,
): Promise<void> {
  const { method, url = '/', headers } = request;
  if (url.split('?', 1)[0] !== path)
    throw new RefusedError(404, `spans are taken at POST ${path}, and nothing else is`);
  if (method !== 'POST') throw new RefusedError(405, `spans are taken at POST ${path}`);
  const type = headers['content-type'] ?? '';
  if (!/^application\/json\b/i.test(type))
    throw new RefusedError(
      415,
      `spans are taken as application/json; set OTEL_EXPORTER_OTLP_PROTOCOL=http/json, or send them to a collector that passes them on as JSON`,
    );
  const body = await readBody(
    request,
    maxBodyBytes,
    () => new RefusedError(413, `a request may have at most ${maxBodyBytes} bytes`),
  );
  const encoding = headers['content-encoding'] ?? 'identity';
  const text = encoding === 'gzip' ? unzipped(body) : body;
  if (encoding !== 'gzip' && encoding !== 'identity')
    throw new RefusedError(415, `the encoding ${encoding} is not known; gzip is`);
  store.add(spansOfOtlpJson(text.toString()));
  passOn?.(body, {
    'content-type': 'application/json',
    ...(encoding === 'gzip' && { 'content-encoding': 'gzip' }),
  });
}

function unzipped(body: Buffer): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: maxBodyBytes });
  } catch (error) {
    throw new RefusedError(400, `the body is no gzip, or too large: ${(error as Error).message}`);
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    // A body that was not read would be taken for the next request.
    ...(status >= 400 && { connection: 'close' }),
  });
  response.end(text);
}
