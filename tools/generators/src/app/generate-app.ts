import { wrapText } from '@sluice/terminal';
import { formatFiles, logger, type Tree } from '@nx/devkit';
import { codeowners, teams, type Team } from '@sluice/workspace/codeowners';
import { appFiles, appNames, runbookSource, stackSource, type AppNames } from './app-files';
import * as edits from './workspace-edits';

export interface GenerateAppOptions {
  /** Name of the app: lower case, digits and hyphens. */
  readonly name: string;
  /** Team that owns the app. @default a team with the app's name */
  readonly team?: string;
}

/**
 * Adds an app that consists of one Lambda function, and registers it everywhere in the workspace: its stack, its
 * permissions, its alarm with a runbook, its owner, and its dependencies.
 */
export async function generateApp(tree: Tree, { name, team }: GenerateAppOptions): Promise<void> {
  const names = appNames(name);
  const folder = `apps/${name}`;
  if (tree.exists(`${folder}/project.json`))
    throw new Error(`There is an app "${name}" already, in ${folder}.`);
  for (const [file, source] of Object.entries(appFiles(names)))
    tree.write(`${folder}/${file}`, source);
  tree.write(stackFile(names), stackSource(names));
  tree.write(runbookFile(names), runbookSource(names));
  edit(tree, 'apps/infra/project.json', (source) => edits.infraProject(source, names));
  edit(tree, 'apps/infra/src/sluice-app.ts', (source) => edits.stackList(source, names));
  edit(tree, 'apps/infra/src/security.spec.ts', (source) => edits.allowedActions(source, names));
  edit(tree, 'docs/architecture.md', (source) => edits.roomsMap(source, names));
  edit(tree, 'docs/runbooks/README.md', (source) => edits.runbookTable(source, names));
  edit(tree, 'tools/workspace/src/affected.spec.ts', (source) => edits.dependencies(source, names));

  const owner = owningTeam(names, team);
  edit(tree, 'tools/workspace/src/owners.ts', (source) => edits.ownerTable(source, owner));
  await formatFiles(tree);
  // Not formatted, like the file that `workspace:codeowners` writes.
  tree.write('CODEOWNERS', codeowners([...teams, owner]));
  logger.info(
    wrapText(
      `${folder} is an app: put your own work in the place of src/${name}.ts, then say in ${stackFile(names)} what it may do.`,
    ),
  );
}

const stackFile = ({ name }: AppNames): string => `apps/infra/src/stacks/${name}-stack.ts`;
const runbookFile = ({ name }: AppNames): string => `docs/runbooks/${name}-failing.md`;

function owningTeam(names: AppNames, team = `@sluice/${names.name}`): Team {
  if (!team.startsWith('@'))
    throw new Error(`"${team}" is no GitHub team such as @sluice/reports.`);
  if (teams.some((known) => known.team === team))
    throw new Error(
      `${team} owns something already: add the app to it in tools/workspace/src/owners.ts, or name another team.`,
    );
  return {
    team,
    owns: names.title,
    paths: [`apps/${names.name}/`, stackFile(names), runbookFile(names)],
  };
}

function edit(tree: Tree, file: string, change: (source: string) => string): void {
  const source = tree.read(file, 'utf8') ?? '';
  const changed = change(source);
  if (changed === source)
    throw new Error(`${file} does not look as expected: it has no place for another app.`);
  tree.write(file, changed);
}
