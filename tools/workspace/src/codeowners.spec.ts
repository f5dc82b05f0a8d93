import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { codeowners } from './codeowners';
import { teams } from './owners';

const root = join(__dirname, '../../..');

/** Finds a file's owner as GitHub does: the last pattern that matches decides. */
const ownerOf = (file: string): string | undefined =>
  codeowners(teams)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/ +/) as [string, string])
    .filter(([pattern]) => pattern === '*' || `/${file}`.startsWith(pattern))
    .at(-1)?.[1];

it('CODEOWNERS is what the table says; if not, run "npx nx run workspace:codeowners"', () => {
  expect(readFileSync(join(root, 'CODEOWNERS'), 'utf8')).toBe(codeowners(teams));
});

it('every path of the table exists', () => {
  for (const path of teams.flatMap(({ paths }) => paths))
    if (path !== '*') expect([path, existsSync(join(root, path))]).toEqual([path, true]);
});

it.each(readdirSync(join(root, 'apps')).filter((app) => app !== 'infra'))(
  'the app %s and its stack have one team of their own',
  (app) => {
    const team = ownerOf(`apps/${app}/src/index.ts`);
    expect(team).not.toBe('@sluice/platform');
    expect(ownerOf(`apps/infra/src/stacks/${app}-stack.ts`)).toBe(team);
  },
);

it('an event type may have a team of its own, and the list of them stays with the model’s', () => {
  const events = 'libs/event-types/src/events';
  expect(ownerOf(`${events}/product-event.ts`)).toBe('@sluice/product-analytics');
  expect(ownerOf(`${events}/contract.ts`)).toBe('@sluice/schema');
  expect(ownerOf(`${events}/index.ts`)).toBe('@sluice/schema');
});

it('every library has a team, and no path has two', () => {
  const paths = teams.flatMap((team) => team.paths);
  for (const lib of readdirSync(join(root, 'libs'))) expect(paths).toContain(`libs/${lib}/`);
  expect(new Set(paths).size).toBe(paths.length);
});
