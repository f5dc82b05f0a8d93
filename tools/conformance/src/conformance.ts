import { workspaceRoot } from '@sluice/local-stack/workspace-root';
import { Command } from 'commander';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineMissing, type Engine, type EngineReport } from './engine';
import { velocity } from './velocity/velocity';

const engines: readonly Engine[] = [velocity];

/** Runs the command. @returns the exit code: 1 where an engine differs from ours */
export async function conformance(args: readonly string[]): Promise<number> {
  const command = new Command('npx nx run conformance:run --')
    .description('Runs parts of Sluice on engines that others wrote, and tells where ours differs.')
    .option('--json', 'the report as JSON, and nothing else')
    .option('--write', 'writes docs/conformance.md')
    .allowExcessArguments(false)
    .parse(args, { from: 'user' });
  const { json, write } = command.opts<{ readonly json?: true; readonly write?: true }>();
  const root = workspaceRoot(process.cwd());
  const reports: EngineReport[] = [];
  for (const engine of engines) reports.push(await reportOf(engine, root));
  if (write) writeFileSync(join(root, 'docs', 'conformance.md'), document(reports));
  const differences = reports.flatMap((report) =>
    report.status === 'ran' ? report.differences : [],
  );
  if (json) console.log(JSON.stringify(reports));
  else {
    for (const { tried, ours, theirs } of differences)
      console.log(`${tried}\n  ours:   ${ours.slice(0, 300)}\n  theirs: ${theirs.slice(0, 300)}`);
    for (const report of reports)
      console.log(
        report.status === 'ran'
          ? `${report.title}: ${report.tried} tried, ${report.differences.length} differ`
          : `${report.title}: skipped, ${report.reason}`,
      );
    const skipped = reports.filter(({ status }) => status === 'skipped').length;
    console.log(
      JSON.stringify({
        ran: reports.length - skipped,
        skipped,
        differences: differences.length,
      }),
    );
  }
  return differences.length > 0 ? 1 : 0;
}

async function reportOf(engine: Engine, root: string): Promise<EngineReport> {
  const startedAtMs = Date.now();
  const folder = join(root, 'dist', 'conformance', engine.name);
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), 'sluice-conformance-'));
  const { name, title, compares } = engine;
  const about = () => ({
    name,
    title,
    compares,
    date: new Date(startedAtMs).toISOString().slice(0, 10),
    seconds: Math.round((Date.now() - startedAtMs) / 1000),
  });
  try {
    const run = await engine.run({
      folder,
      scratch,
      root,
      progress: (line) => process.stderr.write(`${line}\n`),
    });
    return { ...about(), status: 'ran', ...run };
  } catch (error) {
    if (!(error instanceof EngineMissing)) throw error;
    return { ...about(), status: 'skipped', reason: error.message };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const mostShown = 20;

const cell = (text: string): string =>
  text.slice(0, 120).replaceAll('|', '\\|').replaceAll('`', "'").replaceAll('\n', ' ');

/** The report as a page. */
const document = (reports: readonly EngineReport[]): string => `# On engines that others wrote

Written by \`npx nx run conformance:run -- --write\`; an engine that is missing is left out with its reason.
${reports.map(section).join('')}`;

function section(report: EngineReport): string {
  const head = `\n## ${report.title}\n\n${report.compares}\n\n`;
  if (report.status === 'skipped') return `${head}Skipped on ${report.date}: ${report.reason}\n`;
  const { versions, notes, differences, tried, date } = report;
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const rows = differences
    .slice(0, mostShown)
    .map((one) => `| ${cell(one.tried)} | \`${cell(one.ours)}\` | \`${cell(one.theirs)}\` |`);
  return `${head}${date}, with ${named.join(', ')}. ${tried} tried, ${differences.length} differ.

${notes.map((note) => `- ${note}`).join('\n')}
${rows.length === 0 ? '' : `\n| tried | ours | theirs |\n|---|---|---|\n${rows.join('\n')}\n`}${differences.length > mostShown ? `\n${differences.length - mostShown} more are printed by the command.\n` : ''}`;
}
