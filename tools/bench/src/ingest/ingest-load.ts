import { Agent, request } from 'node:http';
import { parentPort } from 'node:worker_threads';
import { createIngestClient } from '@sluice/ingest-client';

/** A thread that sends requests, so that the sender does not take the main thread's time. */

export interface LoadRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface ClientLoad {
  readonly endpoint: string;
  readonly apiKey: string;
  readonly eventType: string;
  /** Texts of events as JSON, sent again and again. */
  readonly texts: readonly string[];
  readonly seconds: number;
}

export type Load = { readonly http: LoadRequest } | { readonly client: ClientLoad };

export interface LoadResult {
  /** Number of requests, or of events where an ingest client sent them. */
  readonly count: number;
  readonly seconds: number;
  /** Latency of each request; empty where an ingest client sent them. */
  readonly latenciesMs: readonly number[];
}

/** Sends one request again and again over several connections. @throws where an answer is not 200 */
async function httpLoad({ url, headers, body, connections, seconds }: LoadRequest) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latenciesMs: number[] = [];
  const send = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const startMs = performance.now();
      const sent = request(
        url,
        {
          method: 'POST',
          agent,
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        },
        (response) => {
          response.resume();
          response.on('end', () => {
            latenciesMs.push(performance.now() - startMs);
            if (response.statusCode === 200) resolve();
            else reject(new Error(`${url} answered ${response.statusCode ?? 0}`));
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < endMs) await send();
    }),
  );
  agent.destroy();
  return {
    count: latenciesMs.length,
    seconds: (performance.now() - startMs) / 1000,
    latenciesMs,
  };
}

async function clientLoad({ endpoint, apiKey, eventType, texts, seconds }: ClientLoad) {
  const client = createIngestClient({ endpoint, apiKey, eventType });
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  for (let index = 0; performance.now() < endMs; index++)
    await client.sendText(texts[index % texts.length] ?? '');
  await client.close();
  const { accepted, rejected } = client.counters;
  if (rejected > 0) throw new Error(`the gateway refused ${rejected} events`);
  return { count: accepted, seconds: (performance.now() - startMs) / 1000, latenciesMs: [] };
}

parentPort?.on('message', (load: Load) => {
  const done = (result: LoadResult | { readonly error: string }) => parentPort?.postMessage(result);
  ('http' in load ? httpLoad(load.http) : clientLoad(load.client)).then(done, (error: unknown) =>
    done({ error: String(error) }),
  );
});
