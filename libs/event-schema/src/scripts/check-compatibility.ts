// npx nx run event-schema:compat --base=<git ref>
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { breakingChanges, compareEventTypes, compatibilityReport } from '../compatibility';
import type { EventType } from '../define-event';
import { shippedEventTypes } from '../events';
import { definitionFileSuffix, readEventTypes } from '../node';

const library = 'libs/event-schema';
/** The library is a few hundred kilobytes. */
const maxArchiveBytes = 64 * 1024 * 1024;

const { base, eventsDir } = new Command('event-schema:compat')
  .description('Compares the event definitions with those of a git ref.')
  .option('--base <ref>', 'what to compare with', 'main')
  .option(
    '--events-dir <folder>',
    'also compare the *.event.json files of this folder, kept in git',
  )
  .parse()
  .opts<{ base: string; eventsDir?: string }>();

const git = (...parts: readonly string[]): string =>
  execFileSync('git', parts, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

try {
  // From here on a hash, which no command of git takes for an option.
  const commit = git('rev-parse', '--verify', '--end-of-options', `${base}^{commit}`).trim();
  const before = [
    ...definitionsAt(commit),
    ...(eventsDir ? fileDefinitionsAt(commit, eventsDir) : []),
  ];
  const after = [...shippedEventTypes, ...(eventsDir ? readEventTypes(eventsDir) : [])];
  const changes = compareEventTypes(before, after);
  console.log(compatibilityReport(changes));
  process.exitCode = breakingChanges(changes).length > 0 ? 1 : 0;
} catch (error) {
  const { stderr, message } = error as Error & { stderr?: string };
  console.error(`Can't compare with "${base}": ${stderr?.trim() ?? message}`);
  process.exitCode = 2;
}

/** The shipped event types of a commit, by running that commit's own definitions. */
function definitionsAt(commit: string): readonly EventType[] {
  // Inside the workspace, so that the old code finds its packages.
  const folder = mkdtempSync(join('node_modules', '.event-schema-'));
  try {
    const archive = execFileSync('git', ['archive', commit, library], {
      maxBuffer: maxArchiveBytes,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    return loadEventTypes(join(folder, library, 'src/events/index.ts'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function loadEventTypes(file: string): readonly EventType[] {
  const script = `
    const { loadTypeScript } = require('./tools/workspace/src/load-typescript.cjs');
    console.log(JSON.stringify(loadTypeScript(${JSON.stringify(file)}).shippedEventTypes));`;
  return JSON.parse(
    execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }),
  ) as readonly EventType[];
}

function fileDefinitionsAt(commit: string, folder: string): readonly EventType[] {
  return git('ls-tree', '-z', '--name-only', commit, '--', `${folder.replace(/\/+$/, '')}/`)
    .split('\0')
    .filter((file) => file.endsWith(definitionFileSuffix))
    .map((file) => JSON.parse(git('show', `${commit}:${file}`)) as EventType);
}
