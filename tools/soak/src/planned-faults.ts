import type { FaultShares } from './stack-messages';

/** What a run is asked for, as far as it makes faults. */
export interface FaultPlan {
  readonly kills: number;
  readonly faultShares: FaultShares;
}

/** Faults that happened, by kind. */
export type FaultCounts = Readonly<Record<string, number>>;

/** Kinds of the faults that no boundary makes. */
export const worldKinds = {
  clockJumps: 'clock jumps',
  diskFull: 'disk full',
  kills: 'kills',
  midnight: 'midnight',
  redelivered: 'redelivered after errors',
} as const;

/** Returns the kinds that have to happen in a run, or the beginnings of their names: a boundary fails in many ways. */
export function plannedFaults({ kills, faultShares }: FaultPlan): readonly string[] {
  return [
    worldKinds.clockJumps,
    worldKinds.diskFull,
    worldKinds.midnight,
    // Without a kill nothing ends between the error output and the checkpoint.
    ...(kills > 0 ? [worldKinds.kills, worldKinds.redelivered] : []),
    ...Object.entries(faultShares)
      .filter(([, share]) => share > 0)
      .map(([boundary]) => boundary),
  ];
}

/** Decides whether a planned kind happened. */
export const happened = (planned: string, counts: FaultCounts): boolean =>
  Object.entries(counts).some(
    ([kind, times]) => times > 0 && (kind === planned || kind.startsWith(`${planned} `)),
  );

/** Returns one sentence for each planned kind that never happened: such a run has shown nothing of it. */
export const judgeFaults = (plan: FaultPlan, counts: FaultCounts): readonly string[] =>
  plannedFaults(plan)
    .filter((planned) => !happened(planned, counts))
    .map((planned) => `the fault "${planned}" was planned and never happened`);
