import { codePoint } from '@sluice/event-schema/testing/code-point';
import * as fc from 'fast-check';
import jsonata from 'jsonata';
import { filledIn, literal } from './jsonata';

it('any text comes back from its literal, and none ends the expression around it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: codePoint }), async (text) => {
      expect(literal(text)).not.toContain('%');
      expect(await jsonata(literal(text)).evaluate(undefined)).toBe(text);
    }),
  );
});

it('variables are filled in where they stand, whatever is around them', async () => {
  const sql = `UNLOAD (SELECT "a""b", 100 % 7) TO 's3://b/dt=$date/run=$run/' -- %} $dat`;
  const filled = jsonata(filledIn(sql, ['$date', '$run']));
  expect(await filled.evaluate(undefined, { date: '2026-01-31', run: 'r-1' })).toBe(
    `UNLOAD (SELECT "a""b", 100 % 7) TO 's3://b/dt=2026-01-31/run=r-1/' -- %} $dat`,
  );
});
