// What the APIs answer about a person.
import type { HttpApi } from '@sluice/lambda-http';
import { visit } from './people';

/** Returns what the right of access shows of a person, a line each. */
export async function heldOf(operations: HttpApi, person: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const { status, headers, body } = await operations({
      ...{ method: 'GET', path: `/v1/subjects/${encodeURIComponent(person)}`, body: '' },
      query: new Map([['limit', ['500']], ...(cursor ? [['cursor', [cursor]] as const] : [])]),
      headers: new Map(),
    });
    if (status !== 200)
      throw new Error(`what is held of ${person} was answered ${status}: ${String(body)}`);
    lines.push(
      ...String(body)
        .split('\n')
        .filter((line) => line !== ''),
    );
    cursor = headers['x-next-cursor'];
  }
  return lines;
}

export interface FoundVisit {
  readonly note: string;
}

export async function rowsOf(
  lookup: HttpApi,
  person: string,
  date: string,
): Promise<readonly FoundVisit[]> {
  const { status, body } = await lookup({
    method: 'GET',
    path: `/v1/events/${visit.name}`,
    query: new Map([
      ['person', [person]],
      ['date', [date]],
      ['limit', ['1000']],
    ]),
    headers: new Map(),
    body: '',
  });
  if (status !== 200) throw new Error(`a look-up was answered ${status}: ${String(body)}`);
  return (JSON.parse(String(body)) as { readonly rows: readonly FoundVisit[] }).rows;
}
