// npx nx run event-types:compat --base=<git ref>
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import {
  breakingChanges,
  compareDefinitions,
  compatibilityReport,
  type TableDefinitions,
} from '@sluice/event-schema/compatibility';
import { shippedEventTypes, shippedJoins, shippedReferences } from '..';
import type { EventType, ReferenceTable } from '@sluice/event-schema';
import {
  definitionFileSuffix,
  readEventTypes,
  readReferences,
  referenceFileSuffix,
} from '@sluice/event-schema/node';

/** Files from which a commit's definitions are read. */
const sources = ['libs', 'tsconfig.base.json'];
/** Largest size in bytes of the archive of a commit's libraries, which has a few megabytes. */
const maxArchiveBytes = 64 * 1024 * 1024;

const { base, eventsDir } = new Command('event-types:compat')
  .description('Compares event types, reference tables and joins with those of a git ref.')
  .option('--base <ref>', 'what to compare with', 'main')
  .option(
    '--events-dir <folder>',
    'also compare the *.event.json and *.reference.json files of this folder, kept in git',
  )
  .parse()
  .opts<{ base: string; eventsDir?: string }>();

const git = (...parts: readonly string[]): string =>
  execFileSync('git', parts, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

try {
  // A commit hash, which no git command takes for an option.
  const commit = git('rev-parse', '--verify', '--end-of-options', `${base}^{commit}`).trim();
  const changes = compareDefinitions(
    both(shippedAt(commit), eventsDir ? folderAt(commit, eventsDir) : {}),
    both(
      {
        eventTypes: shippedEventTypes,
        references: shippedReferences,
        joins: shippedJoins,
      },
      eventsDir
        ? { eventTypes: readEventTypes(eventsDir), references: readReferences(eventsDir) }
        : {},
    ),
  );
  console.log(compatibilityReport(changes));
  process.exitCode = breakingChanges(changes).length > 0 ? 1 : 0;
} catch (error) {
  const { stderr, message } = error as Error & { stderr?: string };
  console.error(`Can't compare with "${base}": ${stderr?.trim() ?? message}`);
  process.exitCode = 2;
}

function both(
  shipped: Partial<TableDefinitions>,
  added: Partial<TableDefinitions>,
): TableDefinitions {
  const all = [shipped, added];
  return {
    eventTypes: all.flatMap(({ eventTypes = [] }) => eventTypes),
    references: all.flatMap(({ references = [] }) => references),
    joins: all.flatMap(({ joins = [] }) => joins),
  };
}

/** Returns what a commit ships, by running that commit's own definitions. Old commits have no joins. */
function shippedAt(commit: string): Partial<TableDefinitions> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-compat-'));
  try {
    const archive = execFileSync('git', ['archive', commit, ...sources], {
      maxBuffer: maxArchiveBytes,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    // Definitions were in the second file before they had a library of their own.
    const file = ['libs/event-types/src/index.ts', 'libs/event-schema/src/index.ts']
      .map((library) => join(folder, library))
      .find((library) => existsSync(library));
    if (file === undefined) throw new Error('it holds no definitions');
    return runDefinitions(file, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runDefinitions(file: string, workspace: string): Partial<TableDefinitions> {
  const script = `
    const { loadTypeScript } = require('./tools/workspace/src/load-typescript.cjs');
    const library = loadTypeScript(${JSON.stringify(file)}, ${JSON.stringify(workspace)});
    console.log(JSON.stringify({
      eventTypes: library.shippedEventTypes,
      references: library.shippedReferences,
      joins: library.shippedJoins,
    }));`;
  return JSON.parse(
    execFileSync(process.execPath, ['-e', script], {
      encoding: 'utf8',
      maxBuffer: maxArchiveBytes,
    }),
  ) as Partial<TableDefinitions>;
}

function folderAt(commit: string, folder: string): Partial<TableDefinitions> {
  const names = git(
    ...['ls-tree', '-z', '--name-only', commit, '--', `${folder.replace(/\/+$/, '')}/`],
  ).split('\0');
  const read = (suffix: string): readonly unknown[] =>
    names
      .filter((name) => name.endsWith(suffix))
      .map((name) => JSON.parse(git('show', `${commit}:${name}`)) as unknown);
  return {
    eventTypes: read(definitionFileSuffix) as readonly EventType[],
    references: read(referenceFileSuffix) as readonly ReferenceTable[],
  };
}
