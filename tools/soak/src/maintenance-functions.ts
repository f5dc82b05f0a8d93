import { functionNames } from '@sluice/infra/names';
import type { CompactionSummary, ReplaySummary } from '@sluice/lake-maintenance';
import type { StackUnderFire } from './stack-under-fire';

export const maintenanceFunctions = {
  compact: functionNames.compact('dev'),
  replay: functionNames.replay('dev'),
};

/**
 * Calls a function until it reports that it is complete. It stops at its deadline, and continues when it is called
 * again.
 */
export async function invokeUntilComplete(
  stack: Pick<StackUnderFire, 'ask'>,
  name: keyof typeof maintenanceFunctions,
  payload: Readonly<Record<string, unknown>>,
): Promise<void> {
  const functionName = maintenanceFunctions[name];
  for (;;) {
    const { complete } = (await stack.ask({ do: 'invoke', functionName, payload })) as
      | CompactionSummary
      | ReplaySummary;
    if (complete) return;
  }
}
