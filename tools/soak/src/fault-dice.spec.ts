import { seededRandom } from '@sluice/event-types/samples';
import { FaultDice } from './fault-dice';

const kinds = ['breaks', 'hangs'] as const;

function rolls(seed: number, share: number): { dice: FaultDice; told: string[] } {
  const told: string[] = [];
  const onFault = (kind: string): void => void told.push(kind);
  return { dice: new FaultDice({ random: seededRandom(seed), share, onFault }), told };
}

test('the same seed gives the same faults, and each is told', () => {
  const [one, other] = [rolls(3, 0.2), rolls(3, 0.2)];
  const given = Array.from({ length: 200 }, () => one.dice.roll(kinds));
  expect(Array.from({ length: 200 }, () => other.dice.roll(kinds))).toEqual(given);
  expect(one.told).toEqual(given.filter((kind) => kind !== undefined));
  expect(new Set(given)).toEqual(new Set([...kinds, undefined]));
});

test('no faults with a share of 0, only faults with 1, none once it is calm', () => {
  expect(rolls(1, 0).dice.roll(kinds)).toBeUndefined();
  const { dice } = rolls(1, 1);
  for (let call = 0; call < 20; call++) expect(dice.roll(kinds)).toBeDefined();
  dice.calm();
  expect(dice.roll(kinds)).toBeUndefined();
});
