import { Type, type TSchema } from '@sinclair/typebox';
import { defineReference, type ReferenceTable } from '../definitions/define-reference';
import { compareReferences } from './compare-references';
import { breakingLines } from '../testing/breaking-lines';
import { shop } from '../testing/shop';
import { breakingChanges, compatibilityReport } from './compatibility-report';

const reference = (
  properties: Record<string, TSchema>,
  more: Partial<ReferenceTable> = {},
): ReferenceTable =>
  defineReference({
    name: 'venues',
    ...more,
    schema: Type.Object({ id: Type.Integer(), ...properties }),
  });

const member = (schema: TSchema): ReferenceTable => reference({ it: schema });

test.each<[string, ReferenceTable, ReferenceTable, RegExp]>([
  ['nothing', member(Type.String()), member(Type.String()), /unchanged/],
  [
    'an optional column added',
    reference({}),
    member(Type.Optional(Type.String())),
    /ok venues \/schema\/properties\/it: "it" added, optional/,
  ],
  [
    'a wider type',
    member(Type.Integer()),
    member(Type.Unsafe({ type: 'number', format: 'decimal', precision: 21, scale: 2 })),
    /"it" changed from bigint to decimal\(21,2\); Athena reads it once the table is put again/,
  ],
  [
    'a subject added',
    member(Type.String()),
    reference({ it: Type.String() }, { subject: 'it' }),
    /ok venues \/subject: subject changed from none to "it"/,
  ],
  [
    'a key taken away',
    reference({}, { key: 'id' }),
    reference({}),
    /key changed from "id" to none/,
  ],
])('%s is fine', (_, before, after, what) => {
  const changes = compareReferences([before], [after]);
  expect(breakingChanges(changes)).toEqual([]);
  expect(compatibilityReport(changes)).toMatch(what);
});

const place = (name: string): TSchema => Type.Object({ [name]: Type.String() });

test.each<[string, ReferenceTable, ReferenceTable, readonly string[]]>([
  [
    'a subject taken away',
    reference({ it: Type.String() }, { subject: ['it', 'id'] }),
    reference({ it: Type.String() }, { subject: 'id' }),
    [
      'ERROR venues /subject: subject changed from "it", "id" to "id"',
      'breaks people in the events: an erasure no longer finds people by "it"',
    ],
  ],
  [
    'a column removed',
    member(Type.String()),
    reference({}),
    [
      'ERROR venues /schema/properties/it: "it" removed',
      'breaks reference files: what they hold under the old name is left out',
      'breaks queries: those that name it fail',
    ],
  ],
  [
    'a column renamed',
    reference({ place: place('city') }),
    reference({ place: place('town') }),
    [
      'ERROR venues /schema/properties/place/properties/city: "place.city" removed (renamed to "place.town"?)',
      'breaks reference files: what they hold under the old name is left out',
      'breaks queries: those that name place_city fail',
      'ERROR venues /schema/properties/place/required: "town" is now required',
      'breaks reference files: rows that were accepted are refused',
    ],
  ],
  [
    'a member renamed whose column stays',
    reference({ wyId: Type.Optional(Type.Integer()) }),
    reference({ wyid: Type.Optional(Type.Integer()) }),
    [
      'ERROR venues /schema/properties/wyid: "wyId" renamed to "wyid" (column wyid)',
      'breaks reference files: what they hold under the old name is left out',
    ],
  ],
  [
    'a column of another type',
    member(Type.Integer()),
    member(Type.Union([Type.Integer(), Type.String()])),
    [
      'ERROR venues /schema/properties/it: "it" changed from bigint to JSON text',
      "breaks stored Parquet: the file that is there holds bigint in column it, which can't be read as JSON text until it is put again",
      'breaks queries: it comes in another type',
    ],
  ],
  [
    'values that are no longer taken',
    member(Type.Integer()),
    member(Type.Integer({ minimum: 1 })),
    [
      'ERROR venues /schema/properties/it/minimum: minimum rose from none to 1',
      'breaks reference files: rows that were accepted are refused',
    ],
  ],
  [
    'a key',
    reference({}),
    reference({}, { key: 'id' }),
    [
      'ERROR venues /key: key changed from none to "id"',
      'breaks reference files: rows that share "id" are refused',
    ],
  ],
])('%s breaks those who lean on it', (_, before, after, lines) => {
  const changes = compareReferences([before], [after]);
  expect(breakingLines(changes)).toEqual(lines);
});

test('a table that is gone breaks the queries that read it, a new one nobody', () => {
  const [first, ...others] = shop.references;
  expect(compareReferences(shop.references, others)).toEqual([
    {
      name: first?.name,
      pointer: '',
      what: 'reference table removed',
      breaks: [{ audience: 'queries', how: 'those that read it fail' }],
    },
  ]);
  expect(breakingChanges(compareReferences(others, shop.references))).toEqual([]);
});
