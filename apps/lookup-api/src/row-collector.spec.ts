import { compareUtf8 } from '@sluice/lake-layout';
import { positionOrder, RowCollector, type FoundRow } from './row-collector';

const row = (keyText: string, eventId: string, ingestedAtMicros = 0n): FoundRow => ({
  keyText,
  moment: 0n,
  rowToken: `e${eventId}`,
  ingestedAtMicros,
  cells: [],
});

test('an event is there once, as it arrived first, and rows of two keys are never taken for one', () => {
  const collector = new RowCollector({ compare: positionOrder(compareUtf8, 'asc'), maxRows: 10 });
  for (const found of [
    row('a', '1', 2n),
    row('a', '1', 1n),
    row('a', 'X\neY'),
    row('a\neX', 'Y'),
    row('ae', '1'),
    row('a', 'e1'),
  ])
    collector.add(found);
  expect(
    collector
      .rows()
      .map(({ keyText, rowToken, ingestedAtMicros }) => [keyText, rowToken, ingestedAtMicros]),
  ).toEqual([
    ['a', 'e1', 1n],
    ['a', 'eX\neY', 0n],
    ['a', 'ee1', 0n],
    ['a\neX', 'eY', 0n],
    ['ae', 'e1', 0n],
  ]);
});
