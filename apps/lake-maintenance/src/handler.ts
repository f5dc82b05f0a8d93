import type { Context } from 'aws-lambda';
import {
  CompactionError,
  maintain,
  type MaintenanceDependencies,
  type MaintenanceSummary,
} from './maintain';
import type { Telemetry } from './telemetry';

export interface MaintenanceHandlerOptions extends Omit<
  MaintenanceDependencies,
  'done' | 'publishers'
> {
  readonly telemetry: Telemetry;
}

/** Milliseconds of the function's time that are reserved for the running step, at most half of it. */
const reservedMs = 120_000;

/**
 * Returns the Lambda handler, which answers requests of schedules, queues and people with a summary. It remembers
 * finished days between invocations.
 */
export function maintenanceHandler({ telemetry, ...dependencies }: MaintenanceHandlerOptions) {
  const { now = Date.now } = dependencies;
  const done = new Map<string, string>();
  const publishers: NonNullable<MaintenanceDependencies['publishers']> = new Map();
  return async (event: unknown, context: Context): Promise<MaintenanceSummary> => {
    telemetry.invocationBegins(context);
    const remainingMs = context.getRemainingTimeInMillis();
    const deadlineMs = now() + Math.max(remainingMs - reservedMs, remainingMs / 2);
    try {
      const summary = await maintain(event, deadlineMs, { ...dependencies, done, publishers });
      telemetry.maintained(summary);
      return summary;
    } catch (error) {
      // Reports the figures of the tables that could be compacted.
      if (error instanceof CompactionError) telemetry.maintained(error.summary);
      throw error;
    }
  };
}
