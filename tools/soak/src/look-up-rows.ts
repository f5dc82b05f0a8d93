import { matchEvent } from '@sluice/event-types';
import { lakeDate } from '@sluice/lake-layout';
import type { Endpoints } from '@sluice/lake';
import type { RowCounts } from './lake-account';

/** Largest number of ids in one look-up. */
const maxIds = 100;
const dayMs = 86_400_000;

/** Asks the look-up API how many rows each id has, yesterday and today. @throws Error for any answer but 200 */
export async function lookUpRows(
  { lookup, apiKey }: Endpoints,
  ids: readonly string[],
): Promise<RowCounts> {
  const found = new Map(ids.map((id) => [id, 0]));
  for (let start = 0; start < ids.length; start += maxIds) {
    const response = await fetch(`${lookup}/v1/events/${matchEvent.name}/lookup`, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({
        ids: ids.slice(start, start + maxIds),
        from: lakeDate(Date.now() - dayMs),
        to: lakeDate(Date.now()),
        limit: 1_000,
      }),
    });
    const text = await response.text();
    if (response.status !== 200)
      throw new Error(`the look-up answered ${response.status}: ${text}`);
    const { rows } = JSON.parse(text) as { readonly rows: readonly { readonly id: number }[] };
    for (const { id } of rows) found.set(String(id), (found.get(String(id)) ?? 0) + 1);
  }
  return found;
}
