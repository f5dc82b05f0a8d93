/** Query parameters that describe a campaign and identify no person. */
export const campaignParameters: readonly string[] = [
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_term',
  'utm_content',
];

/**
 * Returns an address without the parts that may identify a person: user, password, fragment, and the query parameters
 * that `keep` does not name. An address without a host, such as `mailto:`, is reduced to its scheme.
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

/** Removes the queries and fragments of addresses in a text. Line and column numbers of a stack stay. */
export const withoutQueries = (text: string): string =>
  text.replace(/(\w+:\/\/[^\s?#]+)[?#][^\s:)]*/g, '$1');
