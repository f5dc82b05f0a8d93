import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  admitCaller,
  callerCheck,
  startLocalServer,
  type NeededPermission,
  type PermissionCheck,
  type Serve,
  type SigningCredentials,
} from '@sluice/local-http';
import { s3Authorisation } from './authorise';
import { MultipartUploads } from './multipart-uploads';
import { listing, neededPermissions } from './needed-permissions';
import { ObjectFiles } from './object-files';
import { isBucketName } from '@sluice/local-state-files';
import { sendEmpty, type CreatedObject, type Endpoint } from './operation';
import { handles, route, type OperationName } from './route';
import { accessDenied, errorDocument, S3Error } from './s3-error';
import { readRequest, type S3Request } from './s3-request';

/** Counts of one operation since the start. */
export interface OperationStats {
  readonly requests: number;
  /** Number of answers with a status of 400 or more (a 304 is not an error). */
  readonly errors: number;
  /** Bytes of bodies as transmitted, without headers. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export type S3Stats = Readonly<Partial<Record<OperationName, OperationStats>>>;

/** A failure that a test can cause for one request. */
export type Fault =
  | { readonly status: number; readonly code: string; readonly message?: string }
  | { readonly delayMs: number }
  /** The connection is closed without an answer. */
  | 'disconnect'
  /** The request is carried out, then the connection is closed without an answer. */
  | 'lose-answer';

export interface S3Options {
  /** Folder with one subfolder for each bucket; created where it is missing. */
  readonly folder: string;
  /** Port to listen at. @default 0, which takes a free one */
  readonly port?: number;
  /** Starts the server. @default one whose port closes with this S3 */
  readonly serve?: Serve;
  /** Credentials with which requests must be signed. */
  readonly credentials: SigningCredentials;
  /** Checks what roles may do, whose credentials derive from those. @default they may do everything */
  readonly permits?: PermissionCheck;
  /** Origins whose pages may call. @default none */
  readonly allowedOrigins?: readonly string[];
  /** Buckets that are created at the start where they are missing. */
  readonly buckets?: readonly string[];
  readonly region?: string;
  /** Milliseconds to wait before every answer, like the round trip to a real S3. */
  readonly latencyMs?: number;
  /** Called before each request is carried out. Returns the failure to cause, or undefined. */
  readonly fault?: (request: {
    readonly operation: OperationName;
    readonly bucket: string | undefined;
    readonly key: string | undefined;
  }) => Fault | undefined;
  /** Called after every object that was written through the endpoint. */
  readonly onCreated?: (object: CreatedObject) => void;
}

export interface LocalS3 {
  /** URL of the endpoint, without a trailing slash. */
  readonly url: string;
  stats(): S3Stats;
  /** Ends once the current requests are answered. */
  close(): Promise<void>;
}

/**
 * Serves a folder as S3 on 127.0.0.1. README.md beside this file lists what it does and what it refuses.
 *
 * @throws the socket's error, such as EADDRINUSE
 */
export async function startS3({
  folder,
  port = 0,
  serve = startLocalServer,
  credentials,
  permits,
  allowedOrigins = [],
  buckets = [],
  region = 'us-east-1',
  latencyMs = 0,
  fault = () => undefined,
  onCreated = () => undefined,
}: S3Options): Promise<LocalS3> {
  const files = new ObjectFiles(folder);
  await files.prepare();
  for (const bucket of buckets) {
    if (!isBucketName(bucket)) throw new RangeError(`"${bucket}" is no name for a bucket`);
    await mkdir(join(folder, bucket), { recursive: true });
  }
  const uploads = new MultipartUploads({ files, now: Date.now });
  const stats = new Map<OperationName, OperationStats>();
  const authorise = s3Authorisation(credentials);
  const mayCall = callerCheck({ allowedOrigins, allowsLocalPages: false });

  const answer = async (
    message: IncomingMessage,
    response: ServerResponse,
    requestId: string,
  ): Promise<void> => {
    const request = readRequest(message);
    const operation = route(request);
    let bytesIn = 0;
    let role: string | undefined;
    const permit = ({ action, resource }: NeededPermission): void => {
      const refusal = role === undefined ? undefined : permits?.(role, action, resource);
      if (refusal !== undefined) throw accessDenied(refusal);
    };
    response.once('close', () => {
      count(stats, operation, { bytesIn, bytesOut: bodyBytes(request, response), response });
    });
    const endpoint: Endpoint = {
      files,
      uploads,
      region,
      now: Date.now,
      received: (bytes) => {
        bytesIn += bytes;
      },
      created: onCreated,
      permit,
    };
    try {
      role = authorise(request, Date.now());
      for (const needed of neededPermissions(operation, request)) permit(needed);
      if (latencyMs > 0) await delay(latencyMs);
      const wanted = fault({ operation, bucket: request.bucket, key: request.key });
      if (wanted === 'disconnect') {
        message.destroy();
        return;
      }
      if (wanted === 'lose-answer') loseAnswer(message, response);
      else if (wanted && 'delayMs' in wanted) await delay(wanted.delayMs);
      else if (wanted)
        throw new S3Error(wanted.status, wanted.code, wanted.message ?? 'A fault was asked for.');
      await handles[operation](endpoint, request, response);
    } catch (error) {
      sendError(request, response, asCallerSees(error, request, permit), requestId);
    }
  };

  const underWay = new Set<Promise<void>>();
  const { url, server, close } = await serve((message, response) => {
    const requestId = randomUUID();
    response.setHeader('x-amz-request-id', requestId);
    if (!admitCaller(mayCall, message, response)) return;
    const work = answer(message, response, requestId)
      .catch((error: unknown) => {
        sendError(undefined, response, error, requestId);
      })
      .finally(() => underWay.delete(work));
    underWay.add(work);
  }, port);
  // An upload may take any time.
  server.requestTimeout = 0;
  return {
    url,
    stats: () => Object.fromEntries(stats),
    close: async () => {
      await close();
      // A connection that was interrupted ends before the work that it began.
      await Promise.all(underWay);
    },
  };
}

/**
 * Returns the error for the caller. A caller who may not list a bucket does not learn that a key is missing. Source: S3
 * API reference, "GetObject" and "HeadObject".
 */
function asCallerSees(
  error: unknown,
  { bucket = '' }: S3Request,
  permit: (needed: NeededPermission) => void,
): unknown {
  if (!(error instanceof S3Error) || error.code !== 'NoSuchKey') return error;
  try {
    permit(listing(bucket));
    return error;
  } catch (refusal) {
    return refusal;
  }
}

/** Closes the connection at the moment the answer begins, when the request has been carried out. */
function loseAnswer(message: IncomingMessage, response: ServerResponse): void {
  response.writeHead = () => {
    message.socket.destroy();
    return response;
  };
}

function sendError(
  request: S3Request | undefined,
  response: ServerResponse,
  error: unknown,
  requestId: string,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const refusal =
    error instanceof S3Error
      ? error
      : new S3Error(500, 'InternalError', error instanceof Error ? error.message : String(error));
  // The rest of a body that was not read would be taken for the next request.
  const isUnread = request !== undefined && !request.message.complete;
  const headers = { ...refusal.extra.headers, ...(isUnread && { connection: 'close' }) };
  if (request?.method === 'HEAD') {
    sendEmpty(response, refusal.status, headers);
    return;
  }
  const body = Buffer.from(errorDocument(refusal, request?.path ?? '/', requestId));
  response.writeHead(refusal.status, {
    'content-type': 'application/xml',
    'content-length': body.length,
    ...headers,
  });
  response.end(body);
}

const bodyBytes = ({ method }: S3Request, response: ServerResponse): number =>
  method === 'HEAD' ? 0 : Number(response.getHeader('content-length') ?? 0);

function count(
  stats: Map<OperationName, OperationStats>,
  operation: OperationName,
  {
    bytesIn,
    bytesOut,
    response,
  }: { readonly bytesIn: number; readonly bytesOut: number; readonly response: ServerResponse },
): void {
  const before = stats.get(operation) ?? { requests: 0, errors: 0, bytesIn: 0, bytesOut: 0 };
  stats.set(operation, {
    requests: before.requests + 1,
    errors: before.errors + (response.statusCode >= 400 ? 1 : 0),
    bytesIn: before.bytesIn + bytesIn,
    bytesOut: before.bytesOut + bytesOut,
  });
}
