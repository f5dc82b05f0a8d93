/** A way to do the work; one call of it is one round. */
export interface Contender {
  readonly name: string;
  readonly run: () => unknown;
}

export interface RoundsOptions {
  /** Number of counted rounds. @default 25 */
  readonly rounds?: number;
  /** Rounds before counting begins, in which the compiler settles. @default 5 */
  readonly warmUpRounds?: number;
}

/** Milliseconds of each counted round, by contender. */
export type RoundTimes = ReadonlyMap<string, readonly number[]>;

/**
 * Times the contenders in turn, so that other load on the machine affects all of them alike. Compare them round by
 * round, with {@link ratios}.
 */
export async function interleavedRounds(
  contenders: readonly Contender[],
  { rounds = 25, warmUpRounds = 5 }: RoundsOptions = {},
): Promise<RoundTimes> {
  const times = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  for (let round = -warmUpRounds; round < rounds; round++)
    for (const { name, run } of contenders) {
      const start = performance.now();
      await run();
      if (round >= 0) times.get(name)?.push(performance.now() - start);
    }
  return times;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = NaN, high = NaN] =
    sorted.length % 2 === 1
      ? [sorted[middle], sorted[middle]]
      : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
};

/** Returns, round by round, how many times as fast as `rival` `name` was. */
export const ratios = (times: RoundTimes, name: string, rival: string): readonly number[] => {
  const rivalTimes = times.get(rival) ?? [];
  return (times.get(name) ?? []).map((ms, round) => (rivalTimes[round] ?? NaN) / ms);
};

export const spreadOf = (values: readonly number[]): readonly [number, number] => [
  Math.min(...values),
  Math.max(...values),
];
