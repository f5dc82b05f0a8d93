import * as crypto from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { admitCaller, callerCheck } from './caller-check';
import { readBody } from './read-body';
import { startLocalServer, type LocalServer, type Serve } from './local-server';
import type { PermissionCheck } from './role-permissions';
import { signatureV4, type SignatureFaultKind, type SigningCredentials } from './signature-v4';

/** Refusal by an AWS service that speaks JSON: the name of its exception, and a message. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  constructor(
    /** Name of the exception, such as `InvalidRequestException`. */
    readonly code: string,
    message: string,
    /** Further members of the answer. */
    readonly extra: Readonly<Record<string, unknown>> = {},
    readonly status = 400,
  ) {
    super(message);
  }
}

/** Carries out an operation. @throws {@link ServiceError} */
export type Operation = (input: Readonly<Record<string, unknown>>) => Promise<object> | object;

/** Something that a role needs to be allowed for a request. */
export interface NeededPermission {
  /** Action as policies name it, such as `athena:StartQueryExecution`. */
  readonly action: string;
  readonly resource: string;
}

/** Returns the ARN of a resource of the service, such as `workgroup/a`, in the stack's account and region. */
export type ArnOf = (resource: string) => string;

export interface JsonService {
  /** Name before the point in `X-Amz-Target`. */
  readonly target: string;
  /** The service's name in signatures, such as `athena`. */
  readonly signingName: string;
  /** The protocol's version; clients of 1.1 read `Message`, those of 1.0 `message`. */
  readonly version: '1.0' | '1.1';
  readonly operations: Readonly<Record<string, Operation>>;
  /**
   * Returns the ARNs of all resources on which the caller must be allowed an operation.
   *
   * @default all resources
   */
  readonly resourcesOf?: (
    operation: string,
    input: Readonly<Record<string, unknown>>,
    arnOf: ArnOf,
  ) => readonly string[];
}

/** An operation of a REST-JSON service, which method and path identify. */
export interface PathOperation {
  /** The service's name in signatures, such as `lambda`. */
  readonly signingName: string;
  readonly method: string;
  readonly path: RegExp;
  /** Returns what the caller must be allowed. */
  readonly needs: (match: RegExpExecArray, arnOf: ArnOf) => NeededPermission;
  /** Carries out the operation. @throws {@link ServiceError} */
  readonly answer: (
    match: RegExpExecArray,
    body: Buffer,
    headers: IncomingMessage['headers'],
  ) => Promise<PathAnswer>;
}

export interface PathAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Largest size of a body in bytes, above what any service accepts: 256 KB for a query, 1 MB for an execution's input.
 */
const maxBodyBytes = 2 << 20;
/** Largest size of a body of a REST-JSON operation, in bytes: Lambda accepts payloads of 6 MB (Lambda quotas). */
const maxPathBodyBytes = 6 << 20;

/**
 * Serves AWS's JSON protocols on 127.0.0.1: the operation is named in `X-Amz-Target`, its input and output are JSON.
 * Source: Smithy, "AWS JSON 1.0 protocol" and "1.1".
 *
 * @throws the socket's error, such as EADDRINUSE
 */
export async function startAwsJson({
  port = 0,
  credentials,
  allowedOrigins = [],
  services,
  paths = [],
  serve = startLocalServer,
  permits,
  account = { region: 'us-east-1', accountId: '000000000000' },
  reportError,
}: {
  readonly port?: number;
  /** Credentials with which requests must be signed, or those of a role that derive from them. */
  readonly credentials: SigningCredentials;
  /** Checks what roles may do. @default they may do everything */
  readonly permits?: PermissionCheck;
  /** Account and region of the ARNs that policies name. */
  readonly account?: { readonly region: string; readonly accountId: string };
  /** Origins whose pages may call. @default none */
  readonly allowedOrigins?: readonly string[];
  readonly services: readonly JsonService[];
  readonly paths?: readonly PathOperation[];
  /** Starts the server. @default one whose port closes with it */
  readonly serve?: Serve | undefined;
  readonly reportError: (error: unknown) => void;
}): Promise<LocalServer> {
  const mayCall = callerCheck({ allowedOrigins, allowsLocalPages: false });
  const signature = signatureV4(crypto, credentials);
  const signingNames = [...services, ...paths].map(({ signingName }) => signingName);

  /** Checks a request's signature. @returns the role that signed it. @throws {@link ServiceError} */
  const authorise = (
    { method = '', url = '/', headers }: IncomingMessage,
    body: Buffer,
  ): string | undefined => {
    const payloadHash = crypto.hash('sha256', body);
    const { fault, role } = signature.verify(
      { method, target: url, headers, payloadHash },
      { services: signingNames, nowMs: Date.now() },
    );
    if (fault) throw new ServiceError(signatureFaultCodes[fault.kind], fault.message);
    return role;
  };

  const arnOf =
    (signingName: string): ArnOf =>
    (resource) =>
      `arn:aws:${signingName}:${account.region}:${account.accountId}:${resource}`;

  /** Checks whether a role may do all of this. @throws {@link ServiceError} AccessDeniedException */
  const permit = (role: string | undefined, needed: () => readonly NeededPermission[]): void => {
    if (role === undefined || !permits) return;
    for (const { action, resource } of needed()) {
      const refusal = permits(role, action, resource);
      if (refusal !== undefined) throw new ServiceError('AccessDeniedException', refusal);
    }
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [target = '', name = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
    const service = services.find((one) => one.target === target);
    try {
      const atPath = paths
        .filter(({ method }) => method === request.method)
        .map((operation) => ({ match: operation.path.exec(request.url ?? ''), operation }))
        .find(({ match }) => match !== null);
      const maxBytes = atPath ? maxPathBodyBytes : maxBodyBytes;
      const body = await readBody(
        request,
        maxBytes,
        () => new ServiceError('ValidationException', `the request is over ${maxBytes} bytes`),
      );
      const role = authorise(request, body);
      if (atPath?.match) {
        const { match, operation: atThis } = atPath;
        permit(role, () => [atThis.needs(match, arnOf(atThis.signingName))]);
        const given = await atThis.answer(match, body, request.headers);
        response.writeHead(given.status, given.headers);
        response.end(given.body);
        return;
      }
      const operation =
        service && Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
      if (!service || !operation)
        throw new ServiceError('UnknownOperationException', `${target}.${name} is not known here`);
      const input = readInput(body);
      const { signingName, resourcesOf = () => ['*'] } = service;
      permit(role, () =>
        resourcesOf(name, input, arnOf(signingName)).map((resource) => ({
          action: `${signingName}:${name}`,
          resource,
        })),
      );
      send(response, service, 200, await operation(input));
    } catch (error) {
      if (error instanceof ServiceError) {
        const { code, message, extra } = error;
        const body = { __type: code, message, Message: message, ...extra };
        // REST-JSON names the exception in a header (Smithy, "AWS restJson1 protocol").
        response.setHeader('x-amzn-errortype', code);
        send(response, service, error.status, body);
        return;
      }
      reportError(error);
      const message = error instanceof Error ? error.message : String(error);
      send(response, service, 500, {
        __type: 'InternalServerException',
        message,
        Message: message,
      });
    }
  };
  return serve((request, response) => {
    response.setHeader('x-amzn-requestid', crypto.randomUUID());
    if (!admitCaller(mayCall, request, response)) return;
    answer(request, response).catch((error: unknown) => {
      reportError(error);
      response.destroy();
    });
  }, port);
}

/**
 * Error codes for faults of a signature. Source: "Common error types" of the Athena and Step Functions API
 * references.
 */
const signatureFaultCodes: Readonly<Record<SignatureFaultKind, string>> = {
  missing: 'MissingAuthenticationTokenException',
  incomplete: 'IncompleteSignatureException',
  'unknown key': 'UnrecognizedClientException',
  mismatch: 'InvalidSignatureException',
  expired: 'InvalidSignatureException',
};

/** Parses a body. @throws {@link ServiceError} where it is not a JSON object */
function readInput(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const input: unknown = JSON.parse(body.toString() || '{}');
    if (typeof input === 'object' && input !== null && !Array.isArray(input))
      return input as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new ServiceError('SerializationException', 'the request is not a JSON object');
}

function send(
  response: ServerResponse,
  service: JsonService | undefined,
  status: number,
  body: object,
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': `application/x-amz-json-${service?.version ?? '1.1'}`,
    'content-length': Buffer.byteLength(text),
    // The rest of a body that was not read would be taken for the next request.
    ...(status >= 400 && { connection: 'close' }),
  });
  response.end(text);
}
