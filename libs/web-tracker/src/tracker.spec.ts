/**
 * @jest-environment jsdom
 * @jest-environment-options {"url": "https://ben:pass@shop.example/basket?utm_source=mail&token=a-secret#part"}
 */
import './testing/jsdom-globals';
import { requestModel } from '@sluice/event-schema';
import { eventCheck } from '@sluice/ingest-client/schema';
import { createTracker, type Tracker, type TrackerOptions } from './tracker';
import { webEventType, type WebEvent } from './web-event';

const conforms = eventCheck(requestModel(webEventType));

/** Requests of a tracker: the events in them. */
interface Sent {
  readonly requests: { readonly url: string; readonly init: RequestInit }[];
  readonly events: WebEvent[];
  /** What the gateway answers. */
  status: number;
  nowMs: number;
}

let sent: Sent;
let trackers: Tracker[];

const track = (options: Partial<TrackerOptions> = {}): Tracker => {
  const tracker = createTracker({
    endpoint: 'https://ingest.example',
    apiKey: 'key-of-pages',
    nowMs: () => sent.nowMs,
    fetch: (url, init) => {
      sent.requests.push({ url: url as string, init: init ?? {} });
      const { events } = JSON.parse(init?.body as string) as { events: WebEvent[] };
      if (sent.status === 200) sent.events.push(...events);
      return Promise.resolve(new Response('{}', { status: sent.status }));
    },
    ...options,
  });
  trackers.push(tracker);
  return tracker;
};

const kinds = (): readonly string[] => sent.events.map(({ kind }) => kind);

// jsdom can't follow a link. The tracker hears of the click before anybody can stop it.
document.addEventListener('click', (event) => event.preventDefault());

beforeEach(() => {
  sent = { requests: [], events: [], status: 200, nowMs: Date.UTC(2026, 10, 27, 12) };
  trackers = [];
  localStorage.clear();
  history.replaceState(null, '', '/basket?utm_source=mail&token=a-secret#part');
  document.title = 'Basket';
  document.body.innerHTML = `
    <a id="terms" href="/terms?user=17"><b>Terms</b></a><button data-track="buy">Buy</button><p>text</p>
    <a href="mailto:ana@example.com">Write</a>
    <form id="login" action="/login?next=17">
      <input name="email" value="ana@example.com"><input name="password" type="password" value="hunter2">
      <select name="plan"><option selected>free</option></select>
      <input type="hidden" name="csrf" value="t0ken">
      <input type="radio" name="size" value="s"><input type="radio" name="size" value="m" checked>
    </form>`;
});
afterEach(() => {
  // Each event that reached the gateway is one that it takes.
  expect(sent.events.map((event) => conforms(JSON.stringify(event)))).toEqual(
    sent.events.map(() => undefined),
  );
  for (const tracker of trackers) tracker.consent(false);
});

describe('consent', () => {
  it('is waited for: before it nothing is sent, and nothing is stored', async () => {
    const tracker = track();
    document.querySelector('button')?.click();
    tracker.track('seen');
    tracker.pageView();
    await tracker.flush();
    expect([sent.requests, Object.keys(localStorage)]).toEqual([[], []]);
    tracker.consent(true);
    await tracker.flush();
    expect(kinds()).toEqual(['page_view']);
    expect(sent.events[0]?.page).not.toHaveProperty('referrer');
  });

  it('that is withdrawn drops what waits, empties the storage and ends the listening', async () => {
    const tracker = track();
    const { pushState } = history as { readonly pushState: unknown };
    tracker.consent(true);
    expect(Object.keys(localStorage)).toHaveLength(2);
    tracker.consent(false);
    document.querySelector('button')?.click();
    await tracker.flush();
    expect([sent.requests, Object.keys(localStorage)]).toEqual([[], []]);
    expect((history as { readonly pushState: unknown }).pushState).toBe(pushState);
    tracker.consent(true);
    await tracker.flush();
    expect(kinds()).toEqual(['page_view']);
  });

  it('is assumed where that is asked for, but for browsers that ask for privacy', async () => {
    await track({ consent: 'assumed' }).flush();
    expect(kinds()).toEqual(['page_view']);
    Object.assign(navigator, { globalPrivacyControl: true });
    await track({ consent: 'assumed' }).flush();
    expect(kinds()).toEqual(['page_view']);
    Object.assign(navigator, { globalPrivacyControl: false });
  });
});

describe('an event', () => {
  it('holds the page without what its query, fragment and credentials may tell', async () => {
    const tracker = track({ consent: 'assumed' });
    await tracker.flush();
    expect(sent.events).toEqual([
      {
        eventId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/),
        sessionId: expect.any(String),
        occurredAt: '2026-11-27T12:00:00.000Z',
        kind: 'page_view',
        page: { url: 'https://shop.example/basket?utm_source=mail', title: 'Basket' },
        viewport: { width: window.innerWidth, height: window.innerHeight },
        language: navigator.language,
      },
    ]);
    const [{ url, init } = { url: '', init: {} }] = sent.requests;
    expect(url).toBe('https://ingest.example/v1/events/web_event/batch');
    expect(init.headers).toMatchObject({ 'x-api-key': 'key-of-pages' });
  });

  it('is made of clicks on what can be clicked, by tag, id and data-track', async () => {
    const tracker = track({ consent: 'assumed' });
    document.querySelector('b')?.click();
    document.querySelector('button')?.click();
    document.querySelector('p')?.click();
    document.querySelector<HTMLElement>('[href^=mailto]')?.click();
    await tracker.flush();
    expect(sent.events.flatMap(({ click }) => click ?? [])).toEqual([
      { element: 'a', id: 'terms', href: 'https://shop.example/terms' },
      { element: 'button', name: 'buy' },
      { element: 'a', href: 'mailto:' },
    ]);
  });

  it.each([
    [[], undefined],
    [['plan', 'size'], { plan: 'free', size: 'm' }],
    [['password', 'csrf'], {}],
  ])(
    'of a form has its fields’ names; with the values of %j these: %j',
    async (formValues, values) => {
      const tracker = track({ consent: 'assumed', formValues });
      document.forms[0]?.dispatchEvent(new Event('submit', { bubbles: true }));
      await tracker.flush();
      expect(sent.events.at(-1)?.form).toEqual({
        id: 'login',
        action: 'https://shop.example/login',
        fields: ['email', 'password', 'plan', 'csrf', 'size'],
        ...(values && { values }),
      });
      expect(JSON.stringify(sent.requests)).not.toMatch(/ana@|hunter2|t0ken/);
    },
  );

  it('of an error has its place, no query, and there are ten of a page at most', async () => {
    const tracker = track({ consent: 'assumed', pageViews: false });
    const error = new Error('no answer of https://api.example/me?token=abc');
    error.stack = 'Error\n at https://shop.example/app.js?v=1:10:5';
    const event = new ErrorEvent('error', {
      message: error.message,
      filename: 'https://shop.example/app.js?v=1',
      lineno: 10,
      colno: 5,
      error,
    });
    for (let count = 0; count < 12; count++) window.dispatchEvent(event);
    await tracker.flush();
    expect(kinds()).toHaveLength(10);
    expect(sent.events[0]?.error).toEqual({
      message: 'no answer of https://api.example/me',
      source: 'https://shop.example/app.js',
      line: 10,
      column: 5,
      stack: 'Error\n at https://shop.example/app.js:10:5',
    });
  });

  it('of your own has a name and properties', async () => {
    const tracker = track({ consent: 'assumed', pageViews: false });
    tracker.track('signed_up', { plan: 'free' });
    await tracker.flush();
    expect(sent.events[0]?.custom).toEqual({ name: 'signed_up', properties: { plan: 'free' } });
  });
});

it('a page whose address a script changes is a view of its own, with the page before it', async () => {
  const tracker = track({ consent: 'assumed' });
  history.pushState(null, '', '/pay?token=b');
  history.pushState(null, '', '/pay?token=c');
  await tracker.flush();
  expect(sent.events.map(({ page }) => [page.url, page.referrer])).toEqual([
    ['https://shop.example/basket?utm_source=mail', undefined],
    ['https://shop.example/pay', 'https://shop.example/basket'],
  ]);
});

it('a page whose address is replaced is a view where that is asked for, and not after consent is withdrawn', async () => {
  const { replaceState } = history as { readonly replaceState: unknown };
  const viewed = async (replacedPages?: boolean) => {
    sent.events.length = 0;
    history.pushState(null, '', '/list');
    const tracker = track({ consent: 'assumed', ...(replacedPages && { replacedPages }) });
    history.replaceState(null, '', '/list?page=2');
    history.replaceState(null, '', '/item');
    await tracker.flush();
    tracker.consent(false);
    return sent.events.map(({ page }) => page.url);
  };
  expect(await viewed()).toEqual(['https://shop.example/list']);
  expect(await viewed(true)).toEqual(['https://shop.example/list', 'https://shop.example/item']);
  expect((history as { readonly replaceState: unknown }).replaceState).toBe(replaceState);
});

it('a session lasts over pages, and ends after half an hour without an event', async () => {
  await track({ consent: 'assumed' }).flush();
  sent.nowMs += 29 * 60_000;
  const tracker = track({ consent: 'assumed' });
  sent.nowMs += 31 * 60_000;
  tracker.track('back');
  await tracker.flush();
  const [first, second, third] = sent.events.map(({ sessionId }) => sessionId);
  expect([first === second, second === third]).toEqual([true, false]);
});

describe('what was not sent', () => {
  it('waits in the browser for the next page, up to its bound', async () => {
    sent.status = 503;
    const first = track({ consent: 'assumed', pageViews: false, maxWaitingEvents: 3 });
    for (let count = 0; count < 5; count++) first.track(`event ${count}`);
    expect(Object.keys(localStorage)).toHaveLength(4); // with the session
    sent.status = 200;
    // The page is gone, and the next one has another tracker.
    const second = track({ consent: 'assumed', pageViews: false });
    await second.flush();
    expect(sent.events.map(({ custom }) => custom?.name).sort()).toEqual([
      'event 0',
      'event 1',
      'event 2',
    ]);
    expect(Object.keys(localStorage)).toEqual(['sluice.session']);
  });

  it('leaves with a page that is hidden, by a request that outlives it', () => {
    const tracker = track({ consent: 'assumed' });
    tracker.track('last');
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
    expect(sent.requests.map(({ init }) => init.keepalive)).toEqual([true]);
    expect(kinds()).toEqual(['page_view', 'custom']);
    // The browser has them, so the next page does not send them again.
    expect(Object.keys(localStorage)).toEqual(['sluice.session']);
    Object.defineProperty(document, 'visibilityState', { value: 'visible', configurable: true });
  });

  it('is in memory alone where the browser blocks its storage', async () => {
    const blocked = jest.spyOn(window, 'localStorage', 'get').mockImplementation(() => {
      throw new DOMException('blocked', 'SecurityError');
    });
    const tracker = track({ consent: 'assumed' });
    tracker.track('still here');
    await tracker.flush();
    blocked.mockRestore();
    expect(kinds()).toEqual(['page_view', 'custom']);
    expect(new Set(sent.events.map(({ sessionId }) => sessionId)).size).toBe(1);
  });
});
