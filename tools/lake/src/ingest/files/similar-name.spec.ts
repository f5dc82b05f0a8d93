import { similarName } from './similar-name';

const known = ['match_event', 'product_event', 'order', 'contract', 'evt1', 'foo'];

test.each([
  ['match-event', 'match_event'],
  ['matchEvent', 'match_event'],
  ['match_events', 'match_event'],
  ['match_evnet', 'match_event'],
  ['product_evnt', 'product_event'],
  ['orders', 'order'],
  ['contarct', 'contract'],
])('%s may have been meant as %s', (name, other) => {
  expect(similarName(name, known)).toBe(other);
});

test.each(['order', 'evt2', 'foo2', 'foo_raw', 'fop', 'soccer', 'match', 'border_crossing'])(
  '%s is a name of its own',
  (name) => {
    expect(similarName(name, known)).toBeUndefined();
  },
);
