import { SettledPrefix } from './settled-prefix';

test('the position is the last one before the first that is open', () => {
  const prefix = new SettledPrefix(10);
  const [a, b, c] = [11, 13, 14].map((position) => prefix.begin(position));
  expect(prefix.position).toBe(10);
  c?.();
  b?.();
  expect(prefix.position).toBe(10);
  a?.();
  expect(prefix.position).toBe(14);
});

test('a long file, answered out of order, ends at its last position', () => {
  const prefix = new SettledPrefix(0);
  for (let block = 0; block < 100; block++) {
    const settles = Array.from({ length: 500 }, (_, index) =>
      prefix.begin(block * 500 + index + 1),
    );
    for (const settle of settles.reverse()) settle();
    expect(prefix.position).toBe((block + 1) * 500);
  }
});
