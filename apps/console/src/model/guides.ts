import { pageUrl } from './address';

/** Folders and files of the repository whose guides are served beside the page. */
const runbooks = '/docs/runbooks/';
const privacy = '/docs/privacy.md';

/** Returns the address of a guide, such as the runbook `compaction-lagging`, and of a heading in it. */
export const guideUrl = (guide: string, at?: string): string =>
  pageUrl('guide', { page: guide, at });

/** Returns the file of a guide beside the page; undefined for a name that no guide has. */
export const guideFile = (guide: string): string | undefined =>
  /^[\w-]+$/.test(guide) ? `${guide}.md` : undefined;

/** A link of a guide: an address, or the path of a file that is only in the repository. */
export type GuideLink = { readonly href: string } | { readonly path: string };

/** Returns what a link in a guide leads to. */
export function guideLink(to: string, guide: string): GuideLink {
  if (/^https?:/.test(to)) return { href: to };
  if (to.startsWith('#')) return { href: guideUrl(guide, to.slice(1)) };
  const folder = guide === 'privacy' ? '/docs/' : runbooks;
  const { pathname, hash } = new URL(to, `file://${folder}`);
  const [, name] = /([\w-]+)\.md$/.exec(pathname) ?? [];
  return name !== undefined && (pathname === privacy || pathname === `${runbooks}${name}.md`)
    ? { href: guideUrl(name, hash.slice(1)) }
    : { path: pathname.slice(1) };
}
