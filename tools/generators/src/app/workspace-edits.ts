// Edits by which the workspace learns of an app, one function for each file. A file of an unexpected form is returned
// unchanged.
import type { Team } from '@sluice/workspace/codeowners';
import { appActions, appLibraries, type AppNames } from './app-files';

/** Adds the app to the inputs of infra's synthesis, so that a change of the app affects infra. */
export function infraProject(source: string, { name }: AppNames): string {
  const project = JSON.parse(source) as { readonly implicitDependencies: readonly string[] };
  const implicitDependencies = [...project.implicitDependencies, name].sort();
  return `${JSON.stringify({ ...project, implicitDependencies }, null, 2)}\n`;
}

/** Adds the app's stack to those of a stage. */
export const stackList = (source: string, { name, type }: AppNames): string =>
  source
    .replace(
      /(import type \{ Deployment \}.*\n)/,
      `$1import { ${type}Stack } from './stacks/${name}-stack';\n`,
    )
    .replace(
      /(const stacks = \{[^}]*?)(\s*'ingest-gateway':)/,
      `$1  ${key(name)}: ${type}Stack,$2`,
    );

/** Adds the function's actions to the list of all permissions. */
export const allowedActions = (source: string, { type }: AppNames): string =>
  source.replace(
    /(const allowedActions: [^=]*= \{[^]*?\n)(\};)/,
    `$1  '${type}/Function/Role': [...logs, ${appActions.map((action) => `'${action}'`).join(', ')}, ...tracing],\n$2`,
  );

/** Adds the app's alarm to the table of runbooks. */
export const runbookTable = (source: string, { name, title }: AppNames): string =>
  source.replace(
    /((?:^\|.*\n)+)/m,
    `$1| [${name}-failing](${name}-failing.md) | ${title} fails | no |\n`,
  );

/** Adds the app to the map of the rooms, after the last app. */
export const roomsMap = (source: string, { name, title }: AppNames): string =>
  source.replace(
    /(## The rooms\n[^]*\n\| \[`[^`]+`\]\(\.\.\/apps\/[^|]*\| app +\|[^\n]*\n)/,
    `$1| [\`${name}\`](../apps/${name}/README.md) | app | ${title}: counts the raw files of a day |\n`,
  );

/** Adds the app's dependencies to the table of dependencies, and the app to those of infra. */
export const dependencies = (source: string, { name }: AppNames): string =>
  source
    .replace(
      /(const dependencies: [^=]*= \{\n)/,
      `$1  ${key(name)}: ${quotedList(appLibraries)},\n`,
    )
    .replace(/(\n {2}infra: )(\[[^\]]*\])/, (_, start: string, list: string) => {
      const names = [...[...list.matchAll(/'([^']+)'/g)].map(([, each = '']) => each), name];
      return `${start}${quotedList(names.sort())}`;
    });

/** Adds the app's team to the table of owners. */
export const ownerTable = (source: string, team: Team): string =>
  source.replace(/\n\];\s*$/, `\n  ${JSON.stringify(team)},\n];\n`);

const key = (name: string): string => (name.includes('-') ? `'${name}'` : name);

const quotedList = (names: readonly string[]): string =>
  `[${names.map((name) => `'${name}'`).join(', ')}]`;
