import { guideFile, guideLink } from './guides';

test.each([
  ['https://example.com/x', 'lookup-slow', { href: 'https://example.com/x' }],
  ['#look', 'lookup-slow', { href: '#/guide?page=lookup-slow&at=look' }],
  ['compaction-lagging.md', 'lookup-slow', { href: '#/guide?page=compaction-lagging' }],
  ['runbooks/retention-late.md', 'privacy', { href: '#/guide?page=retention-late' }],
  [
    '../privacy.md#erasing-a-person',
    'erasure-late',
    { href: '#/guide?page=privacy&at=erasing-a-person' },
  ],
  ['../lookup.md#cost', 'lookup-slow', { path: 'docs/lookup.md' }],
  ['adr/sealed-failures.md', 'privacy', { path: 'docs/adr/sealed-failures.md' }],
  ['../apps/infra/src/stage-settings.ts', 'privacy', { path: 'apps/infra/src/stage-settings.ts' }],
])('the link %s of the guide %s', (to, guide, link) => {
  expect(guideLink(to, guide)).toEqual(link);
});

test('a guide is a file beside the page, and nothing else', () => {
  expect(guideFile('lookup-slow')).toBe('lookup-slow.md');
  for (const other of ['../x', 'a/b', 'https://x', '']) expect(guideFile(other)).toBeUndefined();
});
