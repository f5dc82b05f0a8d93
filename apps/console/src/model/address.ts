/** Tables and event types that an address may name. */
export interface KnownTable {
  readonly table: string;
  readonly eventType: string;
}

/** Returns the page and the parameters that the part of an address after the `#` names. */
export function routeOf(hash: string): { readonly page: string; readonly query: URLSearchParams } {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  return { page: path === '' ? 'flow' : path, query: new URLSearchParams(query) };
}

/** Returns the address of a page of the console; parameters without a value are left out. */
export function pageUrl(
  page: string,
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) parameters.set(name, value);
  return `#/${page}${parameters.size > 0 ? `?${parameters.toString()}` : ''}`;
}

/** Returns an address with another value of one parameter; an empty value removes it. */
export function withParameter(hash: string, name: string, value: string): string {
  const { page, query } = routeOf(hash);
  return pageUrl(page, { ...Object.fromEntries(query), [name]: value });
}

/** Returns a sentence where the parameters of an address name a table or an event type that does not exist. */
export function unknownName(
  query: URLSearchParams,
  tables: readonly KnownTable[],
): string | undefined {
  const table = query.get('table');
  if (table !== null && !tables.some((one) => one.table === table))
    return `The address names the table “${table}”, which does not exist.`;
  const name = query.get('name');
  if (name !== null && !tables.some(({ eventType }) => eventType === name))
    return `The address names the event type “${name}”, which does not exist.`;
  return undefined;
}
