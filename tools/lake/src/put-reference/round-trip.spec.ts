import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { defineReference, type JsonSchema } from '@sluice/event-schema';
import { ReferenceBench } from './testing';

const bench = new ReferenceBench();
afterAll(() => bench.close());

/** A kind of column: its values as a file has them, and as DuckDB gives them back. */
interface Kind {
  readonly schema: JsonSchema;
  readonly values: fc.Arbitrary<{
    readonly json: string;
    readonly csv: string;
    readonly read: unknown;
  }>;
}

const text = fc.string({
  unit: fc.constantFrom('a', '"', ',', ';', '\t', '\r', '\n', ' ', 'é', '😀', '\\', '0'),
  maxLength: 6,
});
const day = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());

const kinds: Readonly<Record<string, Kind>> = {
  text: {
    schema: { type: ['string', 'null'] },
    // In CSV an empty text is null, as every empty cell is.
    values: text.map((value) => ({
      json: JSON.stringify(value || 'x'),
      csv: value || 'x',
      read: value || 'x',
    })),
  },
  integer: {
    schema: { type: ['integer', 'null'] },
    values: fc
      .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .map((value) => ({ json: String(value), csv: String(value), read: String(value) })),
  },
  number: {
    schema: { type: ['number', 'null'] },
    values: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => ({
      json: JSON.stringify(value),
      csv: JSON.stringify(value),
      read: value === 0 ? 0 : value,
    })),
  },
  boolean: {
    schema: { type: ['boolean', 'null'] },
    values: fc
      .boolean()
      .map((value) => ({ json: String(value), csv: String(value).toUpperCase(), read: value })),
  },
  date: {
    schema: { type: ['string', 'null'], format: 'date' },
    values: day.map((iso) => ({
      json: `"${iso.slice(0, 10)}"`,
      csv: iso.slice(0, 10),
      read: iso.slice(0, 10),
    })),
  },
  time: {
    schema: { type: ['string', 'null'], format: 'date-time' },
    values: day.map((iso) => ({
      json: `"${iso}"`,
      csv: iso.replace('T', ' ').replace('Z', ''),
      read: iso.replace('T', ' ').replace(/\.?0*Z$/, ''),
    })),
  },
};

const names = Object.keys(kinds);
const noValue = { json: 'null', csv: '', read: null } as const;

const rows = fc.array(
  fc.tuple(
    ...names.map((name) =>
      fc.option(kinds[name]?.values ?? fc.constant(noValue), { nil: noValue, freq: 5 }),
    ),
  ),
  { minLength: 1, maxLength: 12 },
);

const quotedCell = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

const definition = defineReference({
  name: 'things',
  schema: {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, kinds[name]?.schema ?? {}])),
  },
});

type FoundRow = Readonly<Record<string, unknown>>;

/** Without a definition, numbers without fractions are integers; and Jest tells the two zeros apart. */
const withPlainNumber = (row: FoundRow): FoundRow => ({
  ...row,
  number: row['number'] === null ? null : Number(row['number']) + 0,
});

const styles = fc.record({
  delimiter: fc.constantFrom(',' as const, ';' as const, '\t' as const),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  gzip: fc.boolean(),
  isDefined: fc.boolean(),
});

test('any table, written as CSV or as NDJSON, is read back equal', async () => {
  await fc.assert(
    fc.asyncProperty(rows, styles, async (table, { delimiter, lineEnd, gzip, isDefined }) => {
      const csv = [
        names.join(delimiter),
        ...table.map((row) =>
          row.map(({ csv: cell }) => (cell === '' ? '' : quotedCell(cell))).join(delimiter),
        ),
      ];
      const ndjson = table.map(
        (row) => `{${row.map(({ json }, index) => `"${names[index] ?? ''}":${json}`).join()}}`,
      );
      const expected = table.map((row) =>
        Object.fromEntries(row.map(({ read }, index) => [names[index] ?? '', read] as const)),
      );
      for (const [file, lines] of [
        ['t.csv', csv],
        ['t.ndjson', ndjson],
      ] as const) {
        const content = Buffer.from(lines.join(lineEnd) + lineEnd);
        const options = isDefined ? { definition } : {};
        const result = gzip
          ? await bench.put(`${file}.gz`, gzipSync(content), options)
          : await bench.put(file, content, options);
        expect(result.outcome).not.toBe('refused');
        const found = (await bench.table()).rows.map(withPlainNumber);
        expect([file, found]).toEqual([file, expected]);
      }
    }),
    { numRuns: 60 },
  );
});
