import { runChecks, toldChecks, UnknownCheckError, writeReport } from '@sluice/checks';
import { stageAssembly, workspaceRoot } from '@sluice/infra/synthesise';
import { CommandLineExit, type CommandLine } from '@sluice/terminal/command-line';
import { resolve } from 'node:path';
import type { Account } from './account/account';
import { awsAccount } from './account/aws-account';
import { cdkChangeSets } from './account/cdk-change-set';
import { checks } from './checks';
import { AssemblyError, deploymentNeeds, type DeploymentNeeds } from './needs/deployment-needs';
import { parseOptions, type Options } from './options';
import { reportText, summary, type Report } from './report';
import { Situation } from './situation';

/** Exit code where nothing could be checked; 1 is for a check that failed. */
const couldNotTry = 2;

/** Returns the account for a run. */
export type AccountOf = (needs: DeploymentNeeds, assembly: string) => Account;

/**
 * Runs the command.
 *
 * @returns the exit code
 */
export async function preflight(
  line: CommandLine,
  accountOf: AccountOf = theAccount,
): Promise<number> {
  const { stdout, stderr } = line;
  try {
    const options = parseOptions(line);
    if (options.list) {
      for (const { id, checks: what } of checks) stdout.write(`${id.padEnd(29)}${what}\n`);
      return 0;
    }
    const report = await look(options, accountOf, stderr);
    const text = (): string => `${reportText(report)}\n`;
    writeReport({ report, summary: summary(report), text }, options, stdout);
    return summary(report).failed > 0 ? 1 : 0;
  } catch (error) {
    if (error instanceof CommandLineExit) return error.exitCode === 0 ? 0 : couldNotTry;
    if (!(error instanceof AssemblyError || error instanceof UnknownCheckError)) throw error;
    stderr.write(`error: ${error.message}\n`);
    return couldNotTry;
  }
}

async function look(
  { stage, assembly, only, changeSets }: Options,
  accountOf: AccountOf,
  stderr: CommandLine['stderr'],
): Promise<Report> {
  const folder = assembly ? resolve(assembly) : stageAssembly(stage);
  const needs = deploymentNeeds(folder);
  const startedAtMs = Date.now();
  const situation = new Situation({
    needs,
    account: accountOf(needs, folder),
    stage,
    makesChangeSets: changeSets,
  });
  stderr.write(`looking whether the stage ${stage} can be deployed\n`);
  if (changeSets)
    stderr.write('its assets are uploaded for the change sets; --no-change-sets leaves them out\n');
  const results = await runChecks(checks, situation, {
    only,
    ...toldChecks(stderr),
  });
  return {
    stage,
    startedAt: new Date(startedAtMs).toISOString(),
    checks: results,
    seconds: Math.round((Date.now() - startedAtMs) / 100) / 10,
  };
}

const theAccount: AccountOf = ({ bootstrap }, assembly) =>
  awsAccount({
    lookupRoleArn: bootstrap.lookupRoleArn,
    deployRoleArn: bootstrap.roleArns[0],
    makeChangeSet: cdkChangeSets({ workspace: workspaceRoot(process.cwd()), assembly }),
  });
