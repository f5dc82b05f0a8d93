// For tests only: a collector that keeps the spans that it is sent.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { spansOfOtlpJson } from './otlp-json';
import type { StoredSpan } from './trace-store';

export interface TestCollector {
  readonly url: string;
  /** Returns the spans of a trace that arrived, of all services or of one. */
  readonly spansOf: (traceId: string, service?: string) => readonly StoredSpan[];
  readonly close: () => void;
}

export async function startTestCollector(): Promise<TestCollector> {
  const spans: StoredSpan[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      spans.push(...spansOfOtlpJson(Buffer.concat(chunks).toString()));
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spansOf: (traceId, service) =>
      spans.filter(
        (span) => span.traceId === traceId && (service === undefined || span.service === service),
      ),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
