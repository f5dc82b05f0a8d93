import { lakeDate } from '@sluice/lake-layout';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { Command } from 'commander';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { apis } from './apis/apis';
import { cases } from './cases/cases';
import { cfnLint } from './cfn-lint/cfn-lint';
import { EngineMissing, type Engine, type EngineReport } from './engine';
import { iceberg } from './iceberg/iceberg';
import { documentOf, faultsOf } from './report';
import { sparkJoin } from './spark-join/spark-join';
import { templates } from './templates/templates';
import { traces } from './traces/traces';

const engines: readonly Engine[] = [templates, apis, cfnLint, iceberg, sparkJoin, traces, cases];

/** Runs the command. @returns the exit code: 1 where another engine's results differ from ours */
export async function conformance(args: readonly string[]): Promise<number> {
  const command = new Command('npx nx run conformance:run --')
    .description(
      'Runs parts of Sluice on engines that others wrote, and tells where ours differs. An engine that is not to be had here is skipped with the reason.',
    )
    .argument(
      '[engines...]',
      `some of ${engines.map(({ name }) => name).join(', ')}; all where none is named`,
    )
    .option('--json', 'the reports as JSON, and nothing else on standard output')
    .option('--write', 'writes the reports of what ran to docs/conformance.md')
    .addHelpText(
      'after',
      `
The last line is JSON: {"ran","skipped","differences"}. Exit code 0: nothing differs but what is listed with
its reason; 1: something else does.

  npx nx run conformance:templates
  npx nx run conformance:apis
  npx nx run conformance:iceberg
  npx nx run conformance:spark-join
  npx nx run conformance:traces
  npx nx run conformance:cases
  npx nx run conformance:run -- --write`,
    )
    .parse(args, { from: 'user' });
  const { json, write } = command.opts<{ readonly json?: true; readonly write?: true }>();
  const wanted = command.args.map((name) => {
    const engine = engines.find((one) => one.name === name);
    return engine ?? command.error(`error: no engine ${name}`, { exitCode: 2 });
  });
  const root = workspaceRoot(process.cwd());
  const reports: EngineReport[] = [];
  for (const engine of wanted.length > 0 ? wanted : engines)
    reports.push(await reportOf(engine, root));
  if (write) writeReports(reports, root);
  const faults = reports.flatMap(faultsOf);
  if (json) console.log(JSON.stringify(reports));
  else {
    for (const fault of faults) console.log(fault);
    for (const report of reports)
      console.log(
        report.status === 'ran'
          ? `${report.title}: ${report.tried} tried, ${report.differences.length} differ beyond the ${report.known.length} known differences`
          : `${report.title}: skipped, ${report.reason}`,
      );
    const skipped = reports.filter(({ status }) => status === 'skipped').length;
    console.log(
      JSON.stringify({ ran: reports.length - skipped, skipped, differences: faults.length }),
    );
  }
  return faults.length > 0 ? 1 : 0;
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
    date: lakeDate(startedAtMs),
    seconds: Math.round((Date.now() - startedAtMs) / 1000),
  });
  try {
    const run = await engine.run({
      folder,
      cache: join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sluice-conformance'),
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

/** Writes the page. An engine that did not run now keeps the section of an earlier run. */
function writeReports(reports: readonly EngineReport[], root: string): void {
  const page = join(root, 'docs', 'conformance.md');
  const earlier = existsSync(page) ? readFileSync(page, 'utf8') : '';
  writeFileSync(page, documentOf(reports, engines, earlier));
}
