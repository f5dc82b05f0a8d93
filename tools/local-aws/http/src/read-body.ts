import type { IncomingMessage } from 'node:http';

/**
 * Reads the body of a request. Counts its bytes as they arrive, whatever the length header says.
 *
 * @param tooLarge returns the error for a body of more than `maxBytes`, the rest of which is not read
 */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
  tooLarge: () => Error,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
