// A separate entry point (@sluice/workspace/codeowners) for the generator of apps.
import type { Team } from './owners';

export { teams, type Team } from './owners';

/**
 * Returns the text of a CODEOWNERS file. The last pattern that matches a file decides, so a team's own file inside
 * another team's folder has to come after that folder: shorter paths come first.
 */
export function codeowners(teams: readonly Team[]): string {
  const lines = teams
    .flatMap(({ team, paths }) => paths.map((path) => ({ path, team })))
    .sort((a, b) => depth(a.path) - depth(b.path) || (a.path < b.path ? -1 : 1));
  const width = Math.max(...lines.map(({ path }) => pattern(path).length));
  return [
    '# Written by `npx nx run workspace:codeowners` from tools/workspace/src/owners.ts.',
    ...lines.map(({ path, team }) => `${pattern(path).padEnd(width)} ${team}`),
    '',
  ].join('\n');
}

const pattern = (path: string): string => (path === '*' ? '*' : `/${path}`);

const depth = (path: string): number =>
  path === '*' ? 0 : path.replace(/\/$/, '').split('/').length;
