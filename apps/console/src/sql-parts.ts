import { linesOf, type Client } from './client';
import type { Cells } from './model/result-rows';

/** A part of a query's result: its columns first, then rows, and the time that it took at the end. */
export interface SqlPart {
  readonly columns?: readonly { readonly name: string; readonly type: string }[];
  readonly rows?: readonly Cells[];
  readonly isCut?: boolean;
  readonly milliseconds?: number;
}

/**
 * Runs a query where the page's surroundings take any, and yields its result in parts.
 *
 * @throws Error with the engine's own message
 */
export async function* sqlParts(
  client: Client,
  sql: string,
  signal: AbortSignal,
): AsyncGenerator<SqlPart> {
  const answer = await client.fetch(client.config.sql ?? '', {
    method: 'POST',
    body: { sql },
    signal,
  });
  if (!answer.ok || !answer.body) throw client.fault(answer.status, await answer.json());
  for await (const line of linesOf(answer.body)) {
    const part = JSON.parse(line) as SqlPart & { readonly message?: string };
    if (part.message !== undefined) throw new Error(part.message);
    yield part;
  }
}
