import type { ResolvedResource } from '../assembly/resolver';
import type { LocalFunction } from '../lambda/start-function';

/** A schedule of a template: what is invoked with which payload, how often. */
export interface Schedule {
  readonly name: string;
  readonly targetArn: string;
  readonly payload: unknown;
  readonly everyMs: number;
}

const unitMs: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** @throws Error for an expression other than `rate(…)`. */
export function readSchedule({ ref, properties }: ResolvedResource): Schedule {
  const { Arn = '', Input = '{}' } = (properties['Target'] ?? {}) as {
    readonly Arn?: string;
    readonly Input?: string;
  };
  const expression = String(properties['ScheduleExpression']);
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const everyMs = Number(count) * (unitMs[unit] ?? 0);
  if (!(everyMs > 0))
    throw new Error(
      `the schedule ${ref} has the expression "${expression}"; known is rate(n minutes)`,
    );
  return { name: ref, targetArn: Arn, payload: JSON.parse(Input), everyMs };
}

/** Invokes the target now. @throws Error where the function fails */
export async function runSchedule(
  { name, targetArn, payload }: Schedule,
  functionOf: (arn: string) => LocalFunction,
): Promise<void> {
  const outcome = await functionOf(targetArn).invoke(payload);
  if (!outcome.ok) throw new Error(`${name} failed: ${outcome.errorType}: ${outcome.message}`);
}
