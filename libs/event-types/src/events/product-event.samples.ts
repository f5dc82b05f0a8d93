import type { EventOf } from '@sluice/event-schema';
import type { SampleMaker } from './sample-maker';
import type { productEvent } from './product-event';

const devices = [
  {
    platform: 'iOS',
    brand: 'Apple',
    model: 'iPhone 17',
    os: { name: 'iOS', version: '26.1' },
    screen: { width: 393, height: 852, density: 3 },
  },
  {
    platform: 'Android',
    brand: 'Google',
    model: 'Pixel 10',
    os: { name: 'Android', version: '16' },
    screen: { width: 412, height: 915, density: 2.625 },
  },
  { platform: 'Web', brand: null, model: null, os: { name: 'Linux', version: '6.12' } },
] as const;
const places = [
  { country: 'DE', region: 'BE', city: 'Berlin', latitude: 52.52, longitude: 13.405 },
  { country: 'BR', region: 'SP', city: 'São Paulo', latitude: -23.5505, longitude: -46.6333 },
  { country: 'JP', region: null, city: '東京' },
  null,
] as const;
const users = 5_000;
/** Time between two events of the stream, in milliseconds. */
const stepMs = 37;

export const sampleProductEvent: SampleMaker<EventOf<typeof productEvent>> = (
  random,
  index,
  startAt,
) => {
  const occurredAt = new Date(startAt.getTime() + index * stepMs);
  const user = random.integer(1, users);
  const device = random.pick(devices);
  const deviceId = `d-${user.toString(36).padStart(5, '0')}`;
  const signedIn = user % 4 !== 0;
  const bought = random.chance(0.05);
  const quantity = random.integer(1, 3);
  return {
    insertId: random.uuid(),
    eventType: bought
      ? 'checkout_completed'
      : random.pick(['page_viewed', 'search', 'item_opened']),
    occurredAt: occurredAt.toISOString(),
    sessionId: random.chance(0.9) ? startAt.getTime() + user : -1,
    user: {
      id: signedIn ? `u-${user}` : deviceId,
      signedIn,
      ...(signedIn && { plan: random.pick(['free', 'free', 'team', 'enterprise']) }),
      ...(signedIn && { createdAt: dayOf(new Date(startAt.getTime() - user * 86_400_000)) }),
      properties: random.chance(0.5) ? { newsletter: true, 'utm.source': 'mail' } : {},
    },
    device: { id: deviceId, language: random.pick(['en-GB', 'de-DE', 'ja-JP']), ...device },
    app: {
      name: 'shop',
      version: `5.${user % 7}.0`,
      ...(device.platform !== 'Web' && { build: 50_000 + (user % 7) }),
      ...(random.chance(0.3) && { experiments: ['new-search', 'short-checkout'] }),
    },
    location: random.pick(places),
    ...(bought && {
      revenue: {
        amount: `${random.integer(1, 500) * quantity}.${random.integer(10, 99)}`,
        currency: 'EUR',
        quantity,
      },
    }),
    properties: { path: `/item/${random.integer(1, 9_999)}`, referrer: null },
    tags: random.chance(0.5) ? ['autumn', 'sale'] : [],
  };
};

/** Returns the event that a newcomer posts by hand, with all values that its row must show. */
export const firstProductEvent = (own: {
  readonly id: string;
  readonly userId: string;
  readonly at: Date;
}): EventOf<typeof productEvent> => ({
  insertId: own.id,
  eventType: 'first_event',
  occurredAt: own.at.toISOString(),
  sessionId: own.at.getTime(),
  user: { id: own.userId, signedIn: true, properties: {} },
  device: {
    id: 'd-1',
    platform: 'Web',
    brand: null,
    model: null,
    language: 'en-GB',
    os: { name: 'Linux', version: '6.12' },
  },
  app: { name: 'shop', version: '5.0.0' },
  location: null,
  properties: {},
  tags: ['mine'],
});

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);
