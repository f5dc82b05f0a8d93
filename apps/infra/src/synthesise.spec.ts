import { synthesisFault } from './synthesise';

const progress =
  'Bundling asset A/Function/Code/Stage...\nBundling asset B/Function/Code/Stage...\n';

test('a fault of the synthesis is told without the progress that the CDK notes beside it', () => {
  expect(synthesisFault(`${progress}the event type "a" has no key\n`, '/data/cdk.out')).toBe(
    'the templates can\'t be made: the event type "a" has no key',
  );
});

test('a full disk is told in a sentence', () => {
  const stderr = `${progress}Failed to bundle asset B: Error: ENOSPC: no space left on device, copyfile 'a' -> 'b'\n`;
  expect(synthesisFault(stderr, '/data/cdk.out')).toBe(
    "the templates can't be made: no space is left on the disk for /data/cdk.out",
  );
});
