import { browserPage } from './page-lifecycle';

const beaconOf = (address: string, beacons: string[]): boolean | undefined =>
  browserPage({
    document: {
      visibilityState: 'visible',
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    },
    location: { href: 'https://shop.example/basket', origin: 'https://shop.example' },
    navigator: { sendBeacon: (url: string) => beacons.push(url) > 0 },
    Blob,
  })?.sendBeacon?.(address, '{}');

test.each([
  ['https://shop.example/v1/events/e/batch', true],
  ['/v1/events/e/batch', true],
  ['https://ingest.example/v1/events/e/batch', false],
])('a beacon to %s is sent from a page of shop.example: %p', (address, isSent) => {
  const beacons: string[] = [];
  expect(beaconOf(address, beacons)).toBe(isSent);
  expect(beacons).toEqual(isSent ? [address] : []);
});

test('there is no page in Node', () => {
  expect(browserPage()).toBeUndefined();
});
