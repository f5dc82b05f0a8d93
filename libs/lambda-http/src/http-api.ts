import { compressBody } from './compress-body';
import { corsHeaders, everyOrigin } from './cors';
import type { HttpApi, HttpRequest, HttpResponse } from './http';
import { Problem } from './problem';

export interface HttpApiOptions {
  /** Answers a request. Throws a {@link Problem} where the client must change its request. */
  readonly answer: HttpApi;
  /** Called with any other error that `answer` throws. Clients only hear that the request failed. */
  readonly onError?: (error: unknown, request: HttpRequest) => void;
  /** Returns the sentence that clients read about such an error. @default the request failed; try again */
  readonly failureMessage?: (error: unknown) => string;
}

/**
 * Returns an application with the behaviour that all our APIs share: problems and failures become JSON with a
 * `message`, larger answers are compressed as the client prefers, CORS headers are set, `Server-Timing` ends with the
 * total time, and HEAD has no body.
 *
 * @example
 * import { httpApi, jsonAnswer } from '@sluice/lambda-http';
 * const api = httpApi({ answer: async ({ path }) => jsonAnswer(200, { path }) });
 */
export function httpApi({
  answer,
  onError = () => undefined,
  failureMessage = () => 'the request failed; try again',
}: HttpApiOptions): HttpApi {
  const answered = async (request: HttpRequest): Promise<HttpResponse> => {
    try {
      return await answer(request);
    } catch (error) {
      if (error instanceof Problem)
        return jsonAnswer(error.status, { message: error.message }, error.headers);
      onError(error, request);
      return jsonAnswer(500, { message: failureMessage(error) });
    }
  };

  return async (request) => {
    const startMs = performance.now();
    const { status, headers, body } = await answered(request);
    const compressed = await compressBody(endedLine(body), request.headers.get('accept-encoding'));
    const { vary, 'server-timing': timing } = headers;
    return {
      status,
      headers: {
        ...browserHeaders,
        ...headers,
        ...compressed.headers,
        vary: listed(vary, 'accept-encoding'),
        'server-timing': listed(timing, serverTiming({ total: performance.now() - startMs })),
      },
      body: request.method === 'HEAD' ? '' : compressed.body,
    };
  };
}

/** Ends a text with a line feed, so that a terminal's prompt begins on a line of its own. */
const endedLine = (body: HttpResponse['body']): HttpResponse['body'] =>
  typeof body !== 'string' || body === '' || body.endsWith('\n') ? body : `${body}\n`;

const browserHeaders = Object.fromEntries(
  Object.entries(corsHeaders(everyOrigin)).map(([name, value]) => [name.toLowerCase(), value]),
);

const listed = (before: string | undefined, last: string): string =>
  before === undefined ? last : `${before}, ${last}`;

/** Returns a JSON answer that no cache may keep, because it describes one moment. */
export const jsonAnswer = (
  status: number,
  members: object,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(members),
});

/** Returns the value of the header `Server-Timing` for durations in milliseconds, by name (W3C, Server Timing). */
export const serverTiming = (parts: Readonly<Record<string, number>>): string =>
  Object.entries(parts)
    .map(([name, ms]) => `${name};dur=${Math.round(ms * 100) / 100}`)
    .join(', ');
