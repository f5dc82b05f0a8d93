import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { referenceColumns, type ReferenceTable } from '@sluice/event-schema';
import { shippedReferences } from '@sluice/event-types';
import { referenceKey } from '@sluice/lake-layout';
import { parse as parseLossless, stringify as stringifyLossless } from 'lossless-json';
import { putReference, type PutReferenceResult } from './put-reference';
import { sharedDataFolder } from '@sluice/parquet-reading/testing/shared-data';
import { ReferenceBench } from './testing';

const folder = sharedDataFolder('wyscout');
const bench = new ReferenceBench();
afterAll(() => bench.close());

type Json = Readonly<Record<string, unknown>>;

/**
 * Converts a value by the rules of the data dictionary, without any code of the loader: scalars as they are,
 * everything else as JSON text without white space.
 */
const valueAt = (row: Json, path: readonly string[], isJson: boolean): unknown => {
  const value = path.reduce<unknown>((at, step) => (at as Json | undefined)?.[step] ?? null, row);
  if (value === null) return null;
  if (isJson) return stringifyLossless(value);
  return typeof value === 'string' ? value : stringifyLossless(value);
};

// The data lie beside the repository, for their size and licences; a clone without them skips these.
(folder ? describe : describe.skip)('the soccer data', () => {
  const file = (name: string): string => join(folder ?? '', `${name}.ndjson`);

  const putOnce = new Map<string, Promise<PutReferenceResult>>();
  /** Loads the table by its shipped definition, once for all tests. */
  const put = (definition: ReferenceTable): Promise<PutReferenceResult> => {
    const { name } = definition;
    const result =
      putOnce.get(name) ?? putReference({ store: bench.store, file: file(name), name, definition });
    putOnce.set(name, result);
    return result;
  };

  test.each(shippedReferences.map((reference) => [reference.name, reference] as const))(
    '%s is put with every value as an independent reading has it',
    async (name, reference) => {
      const result = await put(reference);
      const lines = readFileSync(file(name), 'utf8').trimEnd().split('\n');
      expect(result).toMatchObject({ outcome: 'put', report: { rows: lines.length, leftOut: [] } });
      const { rows } = await bench.table(name);
      const columns = referenceColumns(reference);
      const expected = lines.map((line) => {
        const row = parseLossless(line) as Json;
        return Object.fromEntries(
          columns.map(({ name: column, path, type }) => [
            column,
            valueAt(row, path, type.kind === 'json'),
          ]),
        );
      });
      const jsonColumns = columns.filter(({ type }) => type.kind === 'json');
      const found = rows.map((row) => ({
        ...row,
        ...Object.fromEntries(
          jsonColumns.map(({ name: column }) => {
            const value = row[column] as string | null;
            return [column, value === null ? null : stringifyLossless(parseLossless(value))];
          }),
        ),
      }));
      expect(found).toEqual(expected);
    },
  );

  test.each(shippedReferences.map((reference) => [reference.name, reference] as const))(
    '%s is the same when its own Parquet is put again, as one does to go back to a version',
    async (name, definition) => {
      const { store } = bench;
      await put(definition);
      const { bytes } = await store.get(referenceKey(name));
      const version = bench.file(`${name}-version.parquet`, bytes);
      expect(await putReference({ store, file: version, name, definition })).toMatchObject({
        outcome: 'unchanged',
      });
    },
  );

  test('players without a definition have the same rows', async () => {
    await putReference({ store: bench.store, file: file('players'), name: 'plain', key: 'wyId' });
    const { bytes } = await bench.store.get(referenceKey('plain'));
    const path = bench.file('plain.parquet', bytes);
    const counts = await bench.query(
      `select count(*) as n, count(distinct wyid) as ids, count(currentteamid) as teams from '${path}'`,
    );
    expect(counts.getRowObjectsJson()).toEqual([{ n: '3603', ids: '3603', teams: '3512' }]);
  });
});
