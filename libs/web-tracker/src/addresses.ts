/** Parameters of a page's query that tell of a campaign, and of nobody. */
export const campaignParameters: readonly string[] = [
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_term',
  'utm_content',
];

/**
 * Returns an address without what may tell of a person: user, password, fragment, and the parameters of the query that
 * are not named in `keep`. Of an address without a host, such as `mailto:`, the scheme is left.
 */
export function plainAddress(address: string, base: string, keep: readonly string[] = []): string {
  try {
    const { protocol, host, pathname, searchParams } = new URL(address, base);
    if (!host) return protocol;
    const kept = keep.flatMap((name) =>
      searchParams.getAll(name).map((value) => `${name}=${encodeURIComponent(value)}`),
    );
    return `${protocol}//${host}${pathname}${kept.length > 0 ? `?${kept.join('&')}` : ''}`;
  } catch {
    return '';
  }
}

/** Returns a text with the queries and fragments of the addresses in it removed. The places in a stack stay. */
export const withoutQueries = (text: string): string =>
  text.replace(/(\w+:\/\/[^\s?#]+)[?#][^\s:)]*/g, '$1');
