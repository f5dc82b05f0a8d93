import { writeFileSync } from 'node:fs';
import { runChecks, toldChecks, UnknownCheckError, writeReport } from '@sluice/checks';
import { wrapLines } from '@sluice/terminal';
import { CommandLineExit, type CommandLine } from '@sluice/terminal/command-line';
import { secretNames } from '@sluice/privacy';
import { dirname } from 'node:path';
import { checks } from './checks';
import { hasHashes } from './checks/privacy';
import { putReferences } from './put-references';
import { localTarget } from './local-target';
import { parseOptions, type Options } from './options';
import { ownApiKeys, ownEventTypes } from './own-event-types';
import { startOwnStack, type OwnStack } from './own-stack';
import { junitXml, reportText, summary, type Report } from './report';
import { runMark } from './run-mark';
import { stageTarget } from './stage-target';
import { TargetError, type Target } from './target';
import { VerifyRun } from './verify-run';

/** Exit code where nothing could be tested; 1 is for a check that failed. */
const couldNotTry = 2;

/** Runs the command. @returns the exit code */
export async function verify(line: CommandLine): Promise<number> {
  const { stdout, stderr } = line;
  let own: OwnStack | undefined;
  try {
    const options = parseOptions(line);
    if (options.list) {
      for (const { id, assumption } of checks) stdout.write(`${id.padEnd(28)}${assumption}\n`);
      return 0;
    }
    const isOwn = options.stage === undefined && options.endpoints === undefined;
    if (isOwn) stderr.write('starting a local stack of its own …\n');
    own = isOwn
      ? await startOwnStack({
          assembly: options.assembly,
          eventTypes: ownEventTypes,
          apiKeys: ownApiKeys,
        })
      : undefined;
    const target = await openTarget(options, own);
    const report = await verifyTarget(target, { options, stderr, isOwn });
    writeReports(report, options, stdout);
    return summary(report).failed > 0 ? 1 : 0;
  } catch (error) {
    if (error instanceof CommandLineExit) return error.exitCode === 0 ? 0 : couldNotTry;
    if (!(error instanceof TargetError || error instanceof UnknownCheckError)) throw error;
    stderr.write(`error: ${error.message}\n`);
    return couldNotTry;
  } finally {
    await own?.stop();
  }
}

async function openTarget(
  { stage, endpoints = '', deliveryMs }: Options,
  own: OwnStack | undefined,
): Promise<Target> {
  if (stage !== undefined) return stageTarget(stage, { deliveryMs });
  if (!own) return localTarget(endpoints, { deliveryMs });
  const target = localTarget(own.endpointsFile, { deliveryMs });
  return {
    ...target,
    maySealToday: true,
    fillReferences: () => putReferences(target.store, dirname(own.endpointsFile)),
  };
}

async function verifyTarget(
  target: Target,
  {
    options,
    stderr,
    isOwn,
  }: {
    readonly options: Options;
    readonly stderr: CommandLine['stderr'];
    readonly isOwn: boolean;
  },
): Promise<Report> {
  const startedAtMs = Date.now();
  const mark = runMark('verify', startedAtMs);
  const run = new VerifyRun(target, mark, startedAtMs, await hashSecretOf(target, stderr));
  stderr.write(wrapLines(`verifying ${target.name}; its events are marked ${mark}\n`));
  const results = await runChecks(checks, run, {
    only: options.only,
    ...toldChecks(stderr),
  });
  return {
    target: target.name,
    startedAt: new Date(startedAtMs).toISOString(),
    mark,
    checks: results,
    left: isOwn ? [] : await tidyUp(run),
    seconds: Math.round((Date.now() - startedAtMs) / 100) / 10,
  };
}

/** Reads what the stage hashes with, where an event type needs it: undefined otherwise, and where it can't be read. */
async function hashSecretOf(
  { eventTypes, readSecret, stage }: Target,
  stderr: CommandLine['stderr'],
): Promise<string | undefined> {
  if (!eventTypes.some(hasHashes)) return undefined;
  const { hash } = secretNames(stage);
  try {
    return await readSecret(hash);
  } catch (error) {
    stderr.write(
      `the secret ${hash} can't be read, so hashes are looked at by their form alone, and rows whose key is one are not found: ${(error as Error).message}\n`,
    );
    return undefined;
  }
}

/** Deletes everything that belongs to the run alone. @returns what it created and could not remove, a line each */
async function tidyUp(run: VerifyRun): Promise<readonly string[]> {
  const left: string[] = [];
  try {
    await run.target.store.delete([...run.ownObjects]);
  } catch (error) {
    left.push(`objects that could not be deleted: ${(error as Error).message}`);
  }
  if (run.posted.length > 0)
    left.push(
      `${run.posted.length} events and what the limits took lie in files with others' rows; ` +
        `find them by unmapped LIKE '%${run.mark}%'`,
    );
  return left;
}

function writeReports(
  report: Report,
  { junitFile, ...options }: Options,
  stdout: CommandLine['stdout'],
): void {
  if (junitFile !== undefined) writeFileSync(junitFile, junitXml(report));
  const text = (): string =>
    [reportText(report), ...report.left.map((line) => wrapLines(`left: ${line}`))].join('\n');
  writeReport({ report, summary: summary(report), text }, options, stdout);
}
