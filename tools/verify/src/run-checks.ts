import { NotApplicable, Unexpected, type Check, type CheckResult } from './check';
import type { VerifyRun } from './verify-run';

/**
 * Runs checks one after another, in the order given. One that fails does not stop the others, but those that need it.
 *
 * @param only ids, or the part before the point; what they need runs too. Everything where it is empty.
 */
export async function runChecks(
  checks: readonly Check[],
  run: VerifyRun,
  {
    only = [],
    onStart = () => undefined,
    onResult = () => undefined,
    nowMs = Date.now,
  }: {
    readonly only?: readonly string[];
    readonly onStart?: (check: Check) => void;
    readonly onResult?: (result: CheckResult) => void;
    readonly nowMs?: () => number;
  } = {},
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of chosen(checks, only)) {
    onStart(check);
    const startedAtMs = nowMs();
    const outcome = await outcomeOf(check, run, results);
    const { id, assumption, expected } = check;
    const seconds = Math.round((nowMs() - startedAtMs) / 100) / 10;
    const result = { id, assumption, expected, ...outcome, seconds };
    results.push(result);
    onResult(result);
  }
  return results;
}

async function outcomeOf(
  { needs = [], run: runCheck }: Check,
  run: VerifyRun,
  before: readonly CheckResult[],
): Promise<Pick<CheckResult, 'status' | 'observed'>> {
  const missing = needs.filter(
    (id) => before.find((result) => result.id === id)?.status !== 'passed',
  );
  if (missing.length > 0)
    return { status: 'skipped', observed: `needs ${missing.join(' and ')}, which did not pass` };
  try {
    return { status: 'passed', observed: await runCheck(run) };
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof NotApplicable) return { status: 'skipped', observed: message };
    if (error instanceof Unexpected) return { status: 'failed', observed: message };
    return { status: 'failed', observed: `${(error as Error).name}: ${message}` };
  }
}

/** A name that no check has. */
export class UnknownCheckError extends Error {
  override readonly name = 'UnknownCheckError';
}

function chosen(checks: readonly Check[], only: readonly string[]): readonly Check[] {
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
