import { judgeFaults, plannedFaults } from './planned-faults';

const plan = { kills: 2, faultShares: { s3: 0.1, kinesis: 0.1, function: 0 } };
const all = {
  'clock jumps': 3,
  'disk full': 12,
  kills: 2,
  midnight: 1,
  'redelivered after errors': 4,
  's3 500': 1,
  'kinesis disconnect': 1,
};

test('a run in which each planned fault happened has no problem', () => {
  expect(judgeFaults(plan, all)).toEqual([]);
});

test.each(plannedFaults(plan))(
  'a run without the planned fault "%s" is a failed run',
  (planned) => {
    const others = Object.entries(all).filter(([kind]) => !kind.startsWith(planned));
    const problem = `the fault "${planned}" was planned and never happened`;
    expect(judgeFaults(plan, Object.fromEntries(others))).toEqual([problem]);
    const none = Object.entries(all).map(([kind, times]) => [
      kind,
      kind.startsWith(planned) ? 0 : times,
    ]);
    expect(judgeFaults(plan, Object.fromEntries(none) as typeof all)).toEqual([problem]);
  },
);

test('what was not asked for need not happen', () => {
  const quiet = { kills: 0, faultShares: { s3: 0, kinesis: 0, function: 0 } };
  expect(judgeFaults(quiet, { 'clock jumps': 1, 'disk full': 1, midnight: 1 })).toEqual([]);
});
