import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The look-up's bundle, which the build of the local stack has made. */
const folder = join(__dirname, '../../../dist/apps/lookup-api');

it('the look-up’s bundle has at most 700,000 bytes, and what a cold function loads first at most 450,000', () => {
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
  const bytes = new Map(scripts.map((name) => [name, statSync(join(folder, name)).size]));
  expect([...bytes.values()].reduce((sum, each) => sum + each, 0)).toBeLessThan(700_000);
  expect(bytes.get('index.mjs')).toBeLessThan(450_000);
});
