import type { CommandLine } from '@sluice/terminal/command-line';
import {
  NotApplicable,
  Unexpected,
  type CheckResult,
  type NamedCheck,
  type Outcome,
} from './check';

export interface RunOptions<Check extends NamedCheck<never>> {
  /**
   * Ids, or their parts before the point, of the checks to run; the checks that they need run too. Empty or absent
   * for all.
   */
  readonly only?: readonly string[];
  readonly onStart?: (check: Check) => void;
  readonly onResult?: (result: CheckResult<Check>) => void;
  readonly nowMs?: () => number;
}

/**
 * Runs checks one after another, in the given order. After a failure, only the checks that need the failed one are
 * skipped.
 *
 * @throws {@link UnknownCheckError}
 */
export async function runChecks<Context, Check extends NamedCheck<Context>>(
  checks: readonly Check[],
  context: Context,
  {
    only = [],
    onStart = () => undefined,
    onResult = () => undefined,
    nowMs = Date.now,
  }: RunOptions<Check> = {},
): Promise<readonly CheckResult<Check>[]> {
  const results: CheckResult<Check>[] = [];
  for (const check of chosen(checks, only)) {
    onStart(check);
    const startedAtMs = nowMs();
    const { needs = [], run, ...shown } = check;
    const outcome = await outcomeOf({ needs, run }, context, results);
    const seconds = Math.round((nowMs() - startedAtMs) / 100) / 10;
    const result = { ...shown, ...outcome, seconds };
    results.push(result);
    onResult(result);
  }
  return results;
}

/** Returns the options that tell on a terminal which check runs, and how it ended: `gateway.post … passed (0.3 s)`. */
export const toldChecks = (
  stderr: CommandLine['stderr'],
): Required<Pick<RunOptions<NamedCheck<never>>, 'onStart' | 'onResult'>> => ({
  onStart: ({ id }) => void stderr.write(`${id} … `),
  onResult: ({ status, seconds }) => void stderr.write(`${status} (${seconds} s)\n`),
});

async function outcomeOf<Context>(
  { needs, run }: Required<Pick<NamedCheck<Context>, 'needs' | 'run'>>,
  context: Context,
  before: readonly (Outcome & { readonly id: string })[],
): Promise<Outcome> {
  const missing = needs.filter((id) => {
    const status = before.find((result) => result.id === id)?.status;
    return status !== 'passed' && status !== 'advice';
  });
  if (missing.length > 0)
    return { status: 'skipped', observed: `needs ${missing.join(' and ')}, which did not pass` };
  try {
    const outcome = await run(context);
    return typeof outcome === 'string' ? { status: 'passed', observed: outcome } : outcome;
  } catch (error) {
    const { name, message } = error as Error;
    if (error instanceof NotApplicable) return { status: 'skipped', observed: message };
    if (error instanceof Unexpected) return { status: 'failed', observed: message };
    return { status: 'failed', observed: `${name}: ${message}` };
  }
}

/** Error for a check that was asked for but does not exist. */
export class UnknownCheckError extends Error {
  override readonly name = 'UnknownCheckError';
}

function chosen<Check extends NamedCheck<never>>(
  checks: readonly Check[],
  only: readonly string[],
): readonly Check[] {
  if (only.length === 0) return checks;
  const wanted = new Set<string>();
  const add = ({ id, needs = [] }: Check): void => {
    if (wanted.has(id)) return;
    wanted.add(id);
    for (const check of checks) if (needs.includes(check.id)) add(check);
  };
  for (const name of only) {
    const found = checks.filter(({ id }) => id === name || id.split('.')[0] === name);
    if (found.length === 0)
      throw new UnknownCheckError(
        `there is no check ${name}; there are ${checks.map(({ id }) => id).join(', ')}`,
      );
    found.forEach(add);
  }
  return checks.filter(({ id }) => wanted.has(id));
}
