import type { IncomingMessage, ServerResponse } from 'node:http';

export interface CallerCheckOptions {
  /** Origins whose pages may call, such as `http://127.0.0.1:4610`. */
  readonly allowedOrigins: readonly string[];
  /**
   * True where pages of this machine may call too, whatever their port. For services that require a key of their own.
   */
  readonly allowsLocalPages: boolean;
}

/** Decision about a request, made by where it comes from. */
export type CallerDecision =
  | { readonly refusal: string; readonly origin?: undefined }
  /** `origin` is set where the request comes from a page of an allowed origin, which may read the answer. */
  | { readonly refusal?: undefined; readonly origin?: string };

export type CallerCheck = (request: {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}) => CallerDecision;

/**
 * Returns a function that decides by `Host`, `Origin` and `Sec-Fetch-Site` whether a request may be answered at all:
 * web pages in this machine's browser can reach 127.0.0.1 too, under a name of their own (DNS rebinding) or from
 * their own origin. Programs send no `Origin`, and use a host name that nobody else can own: an address of this
 * machine, a name below `localhost` (RFC 6761, section 6.3) or `host.docker.internal`.
 *
 * The function refers to nothing outside itself, so that its source text can run in a thread that starts from text.
 */
export function callerCheck({ allowedOrigins, allowsLocalPages }: CallerCheckOptions): CallerCheck {
  const localName =
    /^(?:127(?:\.\d{1,3}){3}|\[::1\]|(?:[a-z0-9._-]+\.)?localhost|host\.docker\.internal)(?::\d{1,5})?$/i;
  const allowed = new Set(allowedOrigins.map((origin) => origin.toLowerCase()));
  const shown = (value: unknown): string => JSON.stringify(String(value).slice(0, 100));
  return ({ method, headers }) => {
    const { host, origin } = headers;
    if (typeof host !== 'string' || !localName.test(host))
      return {
        refusal: `this endpoint answers to names of this machine only, such as 127.0.0.1 and localhost, not to the host ${shown(host ?? '')}`,
      };
    if (typeof origin === 'string') {
      if (allowed.has(origin.toLowerCase())) return { origin };
      const [scheme = '', rest = ''] = origin.split('://');
      if (allowsLocalPages && /^https?$/.test(scheme) && localName.test(rest)) return {};
      return {
        refusal: `pages of the origin ${shown(origin)} may not call this endpoint; start the stack with --allow-origin to permit one`,
      };
    }
    // A page's <img>, <script> or form sends no Origin; a link that a person follows is allowed.
    const isFollowedLink =
      headers['sec-fetch-mode'] === 'navigate' && (method === 'GET' || method === 'HEAD');
    const site = headers['sec-fetch-site'];
    if (site === 'cross-site' && !isFollowedLink)
      return { refusal: 'pages of other sites may not call this endpoint' };
    return {};
  };
}

/**
 * Answers a request whose caller has no access, and the preflight of a page that has. For a page with access, makes
 * the answer readable.
 *
 * The function refers to nothing outside itself, so that its source text can run in a thread that starts from text.
 *
 * @returns whether the service itself has to answer the request
 */
export function admitCaller(
  check: CallerCheck,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { method = 'GET', headers } = request;
  const { refusal, origin } = check({ method, headers });
  if (refusal !== undefined) {
    const body = JSON.stringify({ __type: 'AccessDeniedException', message: refusal });
    response.writeHead(403, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      // The body is not read, and would otherwise be taken for the next request.
      connection: 'close',
    });
    response.end(body);
    return false;
  }
  if (origin === undefined) return true;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', '*');
  response.setHeader('vary', 'Origin');
  const wantedMethod = headers['access-control-request-method'];
  if (method !== 'OPTIONS' || wantedMethod === undefined) return true;
  response.setHeader('access-control-allow-methods', wantedMethod);
  const wantedHeaders = headers['access-control-request-headers'];
  if (wantedHeaders !== undefined)
    response.setHeader('access-control-allow-headers', wantedHeaders);
  if (headers['access-control-request-private-network'] !== undefined)
    response.setHeader('access-control-allow-private-network', 'true');
  response.writeHead(204, { 'access-control-max-age': '600' });
  response.end();
  return false;
}
