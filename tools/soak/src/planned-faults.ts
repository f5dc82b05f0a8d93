import type { FaultShares } from './stack-messages';

/** The part of a run's settings that causes faults. */
export interface FaultPlan {
  readonly kills: number;
  readonly faultShares: FaultShares;
}

/** Number of faults that happened, by kind. */
export type FaultCounts = Readonly<Record<string, number>>;

/** Names of the faults that do not come from a boundary. */
export const worldKinds = {
  clockJumps: 'clock jumps',
  diskFull: 'disk full',
  kills: 'kills',
  midnight: 'midnight',
  redelivered: 'redelivered after errors',
} as const;

/**
 * Returns the kinds of faults that have to happen in a run, or prefixes of their names, because a boundary fails in
 * many ways.
 */
export function plannedFaults({ kills, faultShares }: FaultPlan): readonly string[] {
  return [
    worldKinds.clockJumps,
    worldKinds.diskFull,
    worldKinds.midnight,
    // Without a kill, nothing ends between the error output and the checkpoint.
    ...(kills > 0 ? [worldKinds.kills, worldKinds.redelivered] : []),
    ...Object.entries(faultShares)
      .filter(([, share]) => share > 0)
      .map(([boundary]) => boundary),
  ];
}

/** Decides whether a planned kind of fault happened. */
export const happened = (planned: string, counts: FaultCounts): boolean =>
  Object.entries(counts).some(
    ([kind, times]) => times > 0 && (kind === planned || kind.startsWith(`${planned} `)),
  );

/**
 * Returns one sentence for each planned kind of fault that never happened, because the run has shown nothing about
 * it.
 */
export const judgeFaults = (plan: FaultPlan, counts: FaultCounts): readonly string[] =>
  plannedFaults(plan)
    .filter((planned) => !happened(planned, counts))
    .map((planned) => `the fault "${planned}" was planned and never happened`);
