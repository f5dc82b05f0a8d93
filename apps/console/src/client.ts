import type { ApiName, Config } from './config';
import type { LiveBatch } from './model/facts';

/** Refusal by an API, with the API's own message. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Error where there is no answer: the stack was stopped, or there is no network. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

export interface Ask {
  readonly method?: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Request body; an object is sent as JSON, a text unchanged. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Answered<T> {
  readonly body: T;
  readonly headers: Headers;
  readonly milliseconds: number;
}

/** Client of the APIs, shared by the whole page. */
export class Client {
  constructor(
    readonly config: Config,
    readonly token: string,
    /** Called when the token is no longer accepted. */
    private readonly onRefused: () => void,
  ) {}

  async get<T>(api: ApiName, path: string, ask: Ask = {}): Promise<T> {
    return (await this.ask<T>(api, path, ask)).body;
  }

  async post<T>(api: ApiName, path: string, body: object | string, ask: Ask = {}): Promise<T> {
    return (await this.ask<T>(api, path, { ...ask, method: 'POST', body })).body;
  }

  /** Sends a request. @throws ApiError with the API's own message */
  async ask<T>(api: ApiName, path: string, ask: Ask = {}): Promise<Answered<T>> {
    const startMs = performance.now();
    const base = this.config.apis[api];
    if (base === undefined)
      throw new ApiError(
        403,
        `The ${api} API of this stage accepts only signed requests, which the console can't send.`,
      );
    const answer = await this.fetch(base + path, ask);
    const text = await answer.text();
    const milliseconds = performance.now() - startMs;
    const body = jsonOf(text);
    if (!answer.ok) throw this.fault(answer.status, body);
    return { body: body as T, headers: answer.headers, milliseconds };
  }

  fetch(
    path: string,
    { method = 'GET', query = {}, body, headers = {}, signal }: Ask = {},
  ): Promise<Response> {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      if (value !== undefined && value !== '') parameters.set(name, value);
    const search = parameters.size > 0 ? `?${parameters.toString()}` : '';
    const answer = fetch(path.replace(/^\//, '') + search, {
      method,
      cache: 'no-store',
      credentials: 'omit',
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    return answer.catch((error: unknown) => {
      if (!(error instanceof TypeError)) throw error;
      throw new NoAnswerError(
        this.config.mode === 'laptop'
          ? 'The stack does not answer: it was stopped, or is loading new definitions. This page continues once the stack is back.'
          : 'There is no answer. Check the network; this page continues once it is back.',
      );
    });
  }

  fault(status: number, body: unknown): ApiError {
    if (status === 401) this.onRefused();
    const { message } = (body ?? {}) as { readonly message?: unknown };
    return new ApiError(status, typeof message === 'string' ? message : `the answer is ${status}`);
  }

  /**
   * Calls `onBatch` with each batch of live events, and reconnects when the connection ends.
   *
   * @returns a function that ends this
   */
  live(onBatch: (batch: LiveBatch) => void, onState: (isConnected: boolean) => void): () => void {
    const { live } = this.config;
    const over = new AbortController();
    if (live === undefined) return () => undefined;
    const listen = async (): Promise<void> => {
      const answer = await this.fetch(live, { signal: over.signal });
      if (!answer.ok || !answer.body) throw this.fault(answer.status, undefined);
      onState(true);
      for await (const line of linesOf(answer.body))
        if (line.startsWith('data: ')) onBatch(JSON.parse(line.slice(6)) as LiveBatch);
    };
    // Checked again after each wait, during which it may have ended.
    const isOver = (): boolean => over.signal.aborted;
    void (async () => {
      while (!isOver()) {
        await listen().catch(() => undefined);
        if (isOver()) return;
        onState(false);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    })();
    return () => over.abort();
  }
}

/** Yields the lines of a body as they arrive. */
export async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
    .getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
