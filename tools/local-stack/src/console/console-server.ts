import { createHash, timingSafeEqual } from 'node:crypto';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { contentSecurityPolicy, securityHeaders } from '@sluice/console/security-headers';
import {
  callerCheck,
  readBody,
  startLocalServer,
  type LocalServer,
  type Serve,
} from '@sluice/local-http';
import type { TraceStore } from '../traces/trace-store';
import type { LiveBatch } from './live-feed';
import type { SqlPart } from './run-sql';
import type { StaticFile } from './static-files';

export interface ConsoleServerOptions {
  /** Port to listen at; 0 takes a free one. */
  readonly port: number;
  /** Starts the server. @default one whose port closes with it */
  readonly serve?: Serve | undefined;
  readonly files: ReadonlyMap<string, StaticFile>;
  /** Token that a page has to send. It is in the address that the stack prints, after the `#`. */
  readonly token: string;
  /** Base URLs of the APIs by their name, such as `lookup`. */
  readonly apis: Readonly<Record<string, string>>;
  /** API key that is added to requests to the APIs; the page never has it. */
  readonly apiKey: string;
  /** Calls the listener with live events, until the returned function is called. */
  readonly subscribe: (listener: (batch: LiveBatch) => void) => () => void;
  readonly traces: Pick<TraceStore, 'list' | 'spansOf'>;
  readonly runSql: (sql: string, signal: AbortSignal) => AsyncIterable<SqlPart>;
  /** Saves the definition of an event type, which the stack then serves. @throws DefinitionError */
  readonly saveEventType: (definition: unknown) => void;
  /** Returns why the stack does not serve the current definitions; undefined where it does. */
  readonly refusedDefinitions: () => string | undefined;
  readonly reportError: (error: unknown) => void;
}

/** Returns the token of a data directory. It is the same at each start, so that an open page stays connected. */
export const consoleToken = ({ secretAccessKey }: { readonly secretAccessKey: string }): string =>
  createHash('sha256').update(`console ${secretAccessKey}`).digest('base64url').slice(0, 32);

/** Configuration that the page reads. Nothing in it is secret. */
const config = {
  mode: 'laptop',
  apis: {
    ingest: '/api/ingest',
    lookup: '/api/lookup',
    analytics: '/api/analytics',
    operations: '/api/operations',
  },
  live: '/local/live',
  sql: '/local/sql',
  eventTypes: '/local/event-types',
  traces: '/local/traces',
};

const maxBodyBytes = 1 << 20;
/** Headers that belong to one connection (RFC 9110, 7.6.1), and headers that the console itself handles. */
const ownHeaders = new Set([
  'authorization',
  'connection',
  'cookie',
  'host',
  'keep-alive',
  'origin',
  'referer',
  'te',
  'transfer-encoding',
  'upgrade',
  'x-api-key',
]);

/**
 * Serves the console on 127.0.0.1. The page is the same as on AWS and calls only its own origin: requests to an API
 * pass through this server, which adds the API key. So no other port has to admit a page.
 *
 * Without the token, a caller gets only the page's files: a page of another site (which the browser names), a host
 * name that somebody points at this machine (which is checked), or another user of the machine.
 */
export async function startConsoleServer(options: ConsoleServerOptions): Promise<LocalServer> {
  const { token, reportError, serve = startLocalServer } = options;
  const wanted = Buffer.from(`Bearer ${token}`);
  let ownOrigins: readonly string[] = [];
  const isAuthorised = ({ headers: { authorization = '' } }: IncomingMessage): boolean => {
    const given = Buffer.from(authorization);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  };
  const open = new Set<ServerResponse>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/' } = request;
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    response.setHeader('content-security-policy', contentSecurityPolicy());
    const check = callerCheck({ allowedOrigins: ownOrigins, allowsLocalPages: false });
    const { refusal } = check({ method, headers: request.headers });
    if (refusal !== undefined) {
      sendJson(response, 403, { message: refusal });
      return;
    }
    // As it was sent: a URL parser takes `//name` for a host, and fails over some.
    const [path = ''] = url.split('?', 1);
    if (path === '/config.json') {
      sendJson(response, 200, config);
      return;
    }
    const isOurs = path.startsWith('/api/') || path.startsWith('/local/');
    if (!isOurs) {
      sendFile(request, response, options.files.get(path));
      return;
    }
    if (!isAuthorised(request)) {
      sendJson(response, 401, {
        message: 'This page has no token: open the address that npm start printed.',
      });
      return;
    }
    if (path.startsWith('/api/')) await passOn(request, response, options);
    else if (path === config.live && method === 'GET') sendLiveEvents(response, options);
    else if (path === config.sql && method === 'POST') await answerSql(request, response, options);
    else if (method === 'GET' && path.startsWith(config.traces))
      answerTraces(response, url, options);
    else if (path === config.eventTypes && method === 'GET') {
      const refused = options.refusedDefinitions();
      sendJson(response, 200, { ...(refused !== undefined && { refused }) });
    } else if (path === config.eventTypes && method === 'POST') {
      const definition: unknown = JSON.parse(await bodyText(request));
      try {
        options.saveEventType(definition);
        sendJson(response, 201, {});
      } catch (error) {
        if ((error as Error).name !== 'DefinitionError') throw error;
        sendJson(response, 400, { message: (error as Error).message });
      }
    } else sendJson(response, 404, { message: 'there is nothing here' });
  };

  const server = await serve((request, response) => {
    open.add(response);
    response.once('close', () => open.delete(response));
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      if (error instanceof SyntaxError || error instanceof TooLargeError) {
        sendJson(response, error instanceof TooLargeError ? 413 : 400, { message: error.message });
        return;
      }
      reportError(error);
      sendJson(response, 502, { message: (error as Error).message });
    });
  }, options.port);
  const { port } = new URL(server.url);
  ownOrigins = [`http://127.0.0.1:${port}`, `http://localhost:${port}`];
  return {
    ...server,
    close: async () => {
      const closed = server.close();
      // Live connections never end by themselves.
      for (const response of open) response.destroy();
      await closed;
    },
  };
}

class TooLargeError extends Error {}

async function bodyText(request: IncomingMessage): Promise<string> {
  const body = await readBody(
    request,
    maxBodyBytes,
    () => new TooLargeError(`the body may have at most ${maxBodyBytes} bytes`),
  );
  return body.toString();
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    // A body that was not read would be taken for the next request.
    ...(status >= 400 && { connection: 'close' }),
  });
  response.end(text);
}

function sendFile(
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  file: StaticFile | undefined,
): void {
  if (!file) {
    sendJson(response, 404, { message: 'there is nothing here' });
    return;
  }
  if (method !== 'GET' && method !== 'HEAD') {
    sendJson(response, 405, { message: 'a file can be read only' });
    return;
  }
  const isKnown = headers['if-none-match'] === file.etag;
  response.writeHead(isKnown ? 304 : 200, {
    'content-type': file.type,
    etag: file.etag,
    'cache-control': 'no-cache',
    ...(!isKnown && { 'content-length': file.bytes.length }),
  });
  response.end(method === 'HEAD' || isKnown ? undefined : file.bytes);
}

/** Passes a request on to an API, with the key. */
function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  { apis, apiKey }: ConsoleServerOptions,
): Promise<void> {
  const [, name = '', rest = '/'] = /^\/api\/([a-z]+)(\/.*)$/.exec(request.url ?? '') ?? [];
  const api = Object.hasOwn(apis, name) ? apis[name] : undefined;
  if (api === undefined || api === '') {
    sendJson(response, 404, { message: 'there is no such API' });
    return Promise.resolve();
  }
  const { hostname, port } = new URL(api);
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(
      ([header]) => !ownHeaders.has(header) && !header.startsWith('sec-'),
    ),
  );
  return new Promise((resolve, reject) => {
    const passed = httpRequest(
      {
        hostname,
        port,
        path: rest,
        method: request.method,
        headers: { ...headers, 'x-api-key': apiKey },
      },
      (answered) => {
        for (const [header, value] of Object.entries(answered.headers))
          if (
            value !== undefined &&
            !ownHeaders.has(header) &&
            !header.startsWith('access-control-')
          )
            response.setHeader(header, value);
        response.writeHead(answered.statusCode ?? 502);
        answered.pipe(response);
        answered.once('end', resolve).once('error', reject);
      },
    );
    passed.once('error', reject);
    response.once('close', () => {
      passed.destroy();
      resolve();
    });
    request.pipe(passed);
  });
}

/** Answers with the newest traces, or with the spans of one. */
function answerTraces(
  response: ServerResponse,
  url: string,
  { traces }: ConsoleServerOptions,
): void {
  const [path = '', query = ''] = url.split('?', 2);
  const traceId = path.slice(config.traces.length + 1);
  if (traceId === '') {
    const parameters = new URLSearchParams(query);
    const given = (name: string): string | undefined => parameters.get(name) ?? undefined;
    sendJson(response, 200, {
      traces: traces.list({
        service: given('service'),
        eventType: given('eventType'),
        onlyErrors: parameters.get('errors') === '1',
        id: given('id'),
      }),
    });
    return;
  }
  const spans = traces.spansOf(traceId);
  if (spans) sendJson(response, 200, { traceId, spans });
  else sendJson(response, 404, { message: 'this trace is not, or no longer, in memory' });
}

/** Bytes that a page may leave unread; live events beyond that are dropped. */
const maxUnreadBytes = 1 << 20;
const heartbeatMs = 10_000;

/** Sends live events to a page as server-sent events (HTML standard, 9.2). */
function sendLiveEvents(response: ServerResponse, { subscribe }: ConsoleServerOptions): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  const end = subscribe((batch) => {
    if (response.writableLength < maxUnreadBytes)
      response.write(`data: ${JSON.stringify(batch)}\n\n`);
  });
  const heartbeat = setInterval(() => response.write(': still here\n\n'), heartbeatMs);
  response.once('close', () => {
    clearInterval(heartbeat);
    end();
  });
}

/** Answers a query line by line, so that a page shows the first rows while later ones are read. */
async function answerSql(
  request: IncomingMessage,
  response: ServerResponse,
  { runSql }: ConsoleServerOptions,
): Promise<void> {
  const asked = JSON.parse(await bodyText(request)) as { readonly sql?: unknown } | null;
  const sql = asked?.sql;
  if (typeof sql !== 'string' || sql.trim() === '') {
    sendJson(response, 400, { message: '"sql" must be a query' });
    return;
  }
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  let isBegun = false;
  try {
    for await (const part of runSql(sql, gone.signal)) {
      if (!isBegun)
        response.writeHead(200, {
          'content-type': 'application/x-ndjson',
          'cache-control': 'no-store',
        });
      isBegun = true;
      if (!response.write(`${JSON.stringify(part)}\n`))
        await new Promise((resolve) => {
          response.once('drain', resolve);
          gone.signal.addEventListener('abort', resolve, { once: true });
        });
    }
  } catch (error) {
    // A query that can't be parsed is its author's fault.
    if (!isBegun) sendJson(response, 400, { message: (error as Error).message });
    else response.destroy();
    return;
  }
  response.end();
}
