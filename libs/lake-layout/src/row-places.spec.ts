import { MemoryObjectStore } from './memory-object-store';
import { placesIn, placesKey, placesRange, placesSizes, RowPlacesBuilder } from './row-places';

const token = 'ABCDEFGHIJKLMNOP';

const built = (add: (builder: RowPlacesBuilder) => void) => {
  const builder = new RowPlacesBuilder();
  add(builder);
  const { bytes, sizeBits } = builder.build(token);
  return {
    bytes,
    sizeBits,
    find(text: string, of = token) {
      const { start, end } = placesRange(text, sizeBits);
      return placesIn(bytes.subarray(start, end), text, of);
    },
  };
};

it.each([
  [3, 0],
  [20_000, 4],
  [40_000, 8],
])('of %i values each is found by one range of an object of 2^%i slots', (values, sizeBits) => {
  const places = built((builder) => {
    for (let at = 0; at < values; at++)
      builder.add(`value-${at}`, { file: at % 7, group: at % 401 });
  });
  expect(places.sizeBits).toBe(sizeBits);
  expect(placesSizes).toContain(places.sizeBits);
  let wrong = 0;
  for (let at = 0; at < values; at += 37) {
    const found = places.find(`value-${at}`);
    expect(found).toContainEqual({ file: at % 7, group: at % 401 });
    wrong += found.length - 1 + places.find(`absent-${at}`).length;
  }
  expect(wrong).toBeLessThan(3);
});

it('a value in a few row groups has all of them once, one in many has none', () => {
  const places = built((builder) => {
    for (let row = 0; row < 5_000; row++) {
      builder.add('few', { file: 1, group: row % 3 });
      builder.add('many', { file: 1, group: row % 5 });
    }
  });
  expect(places.find('few').map(({ group }) => group)).toEqual([0, 1, 2]);
  expect(places.find('many')).toEqual([]);
});

it('a slot says nothing of other files, and nothing where it was cut short', () => {
  const places = built((builder) => {
    builder.add('a', { file: 0, group: 1 });
  });
  expect(places.find('a', 'ABCDEFGHIJKLMNOQ')).toEqual([]);
  expect(placesIn(places.bytes.subarray(0, 100), 'a', token)).toEqual([]);
});

it('the slot lies where a reader of an object store asks for it', async () => {
  const store = new MemoryObjectStore();
  const { bytes, sizeBits } = built((builder) => {
    for (let at = 0; at < 10_000; at++) builder.add(`v${at}`, { file: 0, group: at });
  });
  const key = placesKey('visit', '2026-11-20', { column: 'session', sizeBits });
  expect(key).toBe('visit/indexes/dt=2026-11-20/session/places-4.bin');
  await store.put(key, bytes);
  const slot = await store.get(key, { range: placesRange('v77', sizeBits) });
  expect(placesIn(slot.bytes, 'v77', token)).toEqual([{ file: 0, group: 77 }]);
});
