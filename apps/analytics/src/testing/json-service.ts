import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ServiceCall {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface JsonService {
  readonly url: string;
  readonly calls: readonly ServiceCall[];
  readonly close: () => Promise<void>;
}

/** What a service answers: a result, or the name of an error. */
export type ServiceAnswer = object | { readonly refuses: string };

/** A service of AWS that speaks JSON, over HTTP. Real clients call it. */
export async function startJsonService(
  answer: (call: ServiceCall) => ServiceAnswer,
): Promise<JsonService> {
  const calls: ServiceCall[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const call = {
        operation: String(request.headers['x-amz-target']).split('.')[1] ?? '',
        input: JSON.parse(Buffer.concat(chunks).toString()) as ServiceCall['input'],
      };
      calls.push(call);
      const given = answer(call);
      const isError = 'refuses' in given;
      response.writeHead(isError ? 400 : 200, {
        'content-type': String(request.headers['content-type']),
      });
      response.end(JSON.stringify(isError ? { __type: given.refuses, message: 'no' } : given));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** For a client of it. */
export const clientOptions = ({ url }: JsonService) => ({
  endpoint: url,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  maxAttempts: 1,
});
