import { createIngestClient, type IngestClient } from '@sluice/ingest-client';
import { campaignParameters, plainAddress, withoutQueries } from './addresses';
import { browserStore } from './browser-store';
import type { WebEvent } from './web-event';

/**
 * `required`: nothing is sent, stored or remembered before `consent(true)`. `assumed`: tracking begins at once, unless
 * the browser sends the signal "Global Privacy Control"; for pages that need nobody's consent.
 */
export type Consent = 'required' | 'assumed';

export interface TrackerOptions {
  /** Base URL of the ingest API, without a trailing slash. */
  readonly endpoint: string;
  /** Key of the ingest API for pages. Everybody who opens the page can read it. */
  readonly apiKey?: string | undefined;
  /** @default 'web_event' */
  readonly eventType?: string;
  /** @default 'required' */
  readonly consent?: Consent;
  /**
   * Reports each page that is shown, including when `history.pushState` or going back changes the path. @default true
   */
  readonly pageViews?: boolean;
  /**
   * Also reports a page when `history.replaceState` changes the path. Many scripts use it to keep their state in the
   * address, without showing another page. @default false
   */
  readonly replacedPages?: boolean;
  /** Reports clicks on links, buttons and elements with `data-track`. @default true */
  readonly clicks?: boolean;
  /** Reports forms that are sent, with the names of their fields. @default true */
  readonly forms?: boolean;
  /** Reports errors that nothing caught, up to ten of a page. @default true */
  readonly errors?: boolean;
  /** Query parameters that are kept in the page's address. @default those of campaigns, `utm_…` */
  readonly keepQuery?: readonly string[];
  /** Names of form fields whose values are sent. Passwords, files and hidden fields never are. @default none */
  readonly formValues?: readonly string[];
  /** Milliseconds that an event waits for others, at most. @default 2,000 */
  readonly flushAfterMs?: number;
  /** Largest number of events that wait, in memory and in the browser's storage; further ones are dropped. @default 200 */
  readonly maxWaitingEvents?: number;
  /** @default the browser's window; without one, as on a server, nothing is tracked */
  readonly window?: (Window & typeof globalThis) | undefined;
  readonly fetch?: typeof fetch;
  readonly nowMs?: () => number;
}

/** Reports what happens in a page. */
export interface Tracker {
  /**
   * Starts to track, or stops. Stopping drops waiting events and removes everything that was stored. The decision
   * itself is not stored, so call this on each page.
   */
  consent(isGranted: boolean): void;
  /** Reports a page, for pages that change without changing their address. */
  pageView(): void;
  /** Reports an event of your own. */
  track(name: string, properties?: Readonly<Record<string, unknown>>): void;
  /** Sends all waiting events. Resolves once each of them is settled. */
  flush(): Promise<void>;
}

/** Members of an event that depend on what happened. */
type Happening = Omit<
  WebEvent,
  'eventId' | 'sessionId' | 'occurredAt' | 'page' | 'viewport' | 'language'
>;

/** Members of error events, and of events about promises. */
interface Thrown {
  readonly message?: string;
  readonly filename?: string;
  readonly lineno: number;
  readonly colno: number;
  readonly error?: unknown;
  readonly reason?: unknown;
}

const maxErrors = 10;
const maxMessageLength = 500;
const maxStackLength = 1_500;

/**
 * Returns a tracker of the page. It begins once there is consent.
 *
 * @example
 * import { createTracker } from '@sluice/web-tracker';
 * const tracker = createTracker({ endpoint: 'https://ingest.example.com', apiKey: 'key-of-pages' });
 * tracker.consent(true); // once the visitor agrees
 * tracker.track('signed_up', { plan: 'free' });
 */
export function createTracker({
  endpoint,
  apiKey,
  eventType = 'web_event',
  consent = 'required',
  pageViews = true,
  replacedPages = false,
  clicks = true,
  forms = true,
  errors = true,
  keepQuery = campaignParameters,
  formValues = [],
  flushAfterMs = 2_000,
  maxWaitingEvents = 200,
  window: page = (globalThis as { readonly window?: Window & typeof globalThis }).window,
  fetch: fetchOption,
  nowMs = Date.now,
}: TrackerOptions): Tracker {
  if (!page) return idleTracker;
  const { document, history, navigator } = page;
  const store = browserStore(page, maxWaitingEvents, newId);
  let client: IngestClient | undefined;
  let stopListening: AbortController | undefined;
  let errorCount = 0;
  /** Address of the page that was reported last. */
  let shown = '';

  const here = (): string => plainAddress(page.location.href, document.baseURI, keepQuery);
  const away = (address: string): string => plainAddress(address, document.baseURI);

  const record = (happening: Happening): void => {
    if (!client || client.counters.pending >= maxWaitingEvents) return;
    const now = nowMs();
    const referrer = shown || document.referrer;
    const event: WebEvent = {
      eventId: newId(),
      sessionId: store.session(now),
      occurredAt: new Date(now).toISOString(),
      page: {
        url: here(),
        title: document.title,
        ...(happening.kind === 'page_view' && referrer && { referrer: away(referrer) }),
      },
      viewport: { width: page.innerWidth, height: page.innerHeight },
      language: navigator.language,
      ...happening,
    };
    const text = JSON.stringify(event);
    store.keep(event.eventId, text);
    send(event.eventId, text);
  };

  const send = (eventId: string, text: string): void => {
    void client?.sendText(text, (outcome) => {
      // What could not be sent waits in the browser for the next page.
      if (outcome.status !== 'rejected' || outcome.rejection.code !== 'gave-up')
        store.remove(eventId);
    });
  };

  const pageView = (): void => {
    record({ kind: 'page_view' });
    if (client) shown = here();
  };
  const pageMayHaveChanged = (): void => {
    if (here() !== shown) pageView();
  };

  const onClick = ({ target }: Event): void => {
    const element = (target as Partial<Element> | null)?.closest?.<HTMLElement>(
      'a,button,input[type=submit],input[type=button],[role=button],[data-track]',
    );
    if (!element) return;
    const { id, dataset, localName } = element;
    const href = element.getAttribute('href');
    record({
      kind: 'click',
      click: {
        element: localName,
        ...(id && { id }),
        ...(dataset['track'] && { name: dataset['track'] }),
        ...(href !== null && { href: away(href) }),
      },
    });
  };

  const onSubmit = ({ target }: Event): void => {
    const form = target as HTMLFormElement;
    const attribute = (name: string): string => form.getAttribute(name) ?? '';
    const [id, name] = [attribute('id'), attribute('name')];
    const fields = new Set<string>();
    const values: Record<string, string> = {};
    for (const field of form.elements as Iterable<Element> as Iterable<HTMLInputElement>) {
      if (!field.name) continue;
      fields.add(field.name);
      const isUnchecked = /^(?:radio|checkbox)$/.test(field.type) && !field.checked;
      if (formValues.includes(field.name) && !isUnchecked && !secretFields.test(field.type))
        values[field.name] = field.value;
    }
    record({
      kind: 'form_submit',
      form: {
        ...(id && { id }),
        ...(name && { name }),
        action: away(attribute('action')),
        fields: [...fields],
        ...(formValues.length > 0 && { values }),
      },
    });
  };

  const onError = (event: Event): void => {
    const { message, filename, lineno, colno, error, reason } = event as Event & Thrown;
    const thrown = error ?? reason;
    const { stack } = (thrown ?? {}) as { readonly stack?: unknown };
    if (errorCount++ >= maxErrors) return;
    record({
      kind: 'error',
      error: {
        message: withoutQueries(message ?? String(thrown)).slice(0, maxMessageLength),
        ...(filename && { source: away(filename), line: lineno, column: colno }),
        ...(typeof stack === 'string' && { stack: withoutQueries(stack).slice(0, maxStackLength) }),
      },
    });
  };

  const start = (): void => {
    if (client) return;
    const own = (client = createIngestClient({
      endpoint,
      eventType,
      flushAfterMs,
      ...(apiKey !== undefined && { apiKey }),
      fetch: (url, init) => {
        // Consent was withdrawn: the client takes this for a refusal, and drops the events.
        if (client !== own) return Promise.resolve(new Response(null, { status: 403 }));
        if (init?.keepalive) {
          // The browser has these events now; this page may never hear what became of them.
          const { events } = JSON.parse(init.body as string) as { events: readonly WebEvent[] };
          for (const { eventId } of events) store.remove(eventId);
        }
        return (fetchOption ?? page.fetch)(url, init);
      },
    }));
    for (const [eventId, text] of store.kept()) send(eventId, text);

    stopListening = new AbortController();
    const { signal } = stopListening;
    const on = (to: EventTarget, type: string, listener: (event: Event) => void): void =>
      // Captured, because a listener in the page may stop clicks and submits. Errors are not, so that those of
      // images, which don't bubble, are not reported.
      to.addEventListener(type, listener, { capture: to === document, signal });
    if (clicks) on(document, 'click', onClick);
    if (forms) on(document, 'submit', onSubmit);
    if (errors) {
      on(page, 'error', onError);
      on(page, 'unhandledrejection', onError);
    }
    if (!pageViews) return;
    pageView();
    on(page, 'popstate', pageMayHaveChanged);
    const follow = (name: 'pushState' | 'replaceState'): void => {
      const change = (history as Record<typeof name, PushState>)[name];
      history[name] = (...args) => {
        change.apply(history, args);
        pageMayHaveChanged();
      };
      signal.addEventListener('abort', () => (history[name] = change));
    };
    follow('pushState');
    if (replacedPages) follow('replaceState');
  };

  const stop = (): void => {
    stopListening?.abort();
    const own = client;
    client = undefined;
    shown = '';
    void own?.close();
    store.clear();
  };

  const asksForPrivacy = (navigator as { readonly globalPrivacyControl?: boolean })
    .globalPrivacyControl;
  if (consent === 'assumed' && !asksForPrivacy) start();
  return {
    consent: (isGranted) => {
      if (isGranted) start();
      else stop();
    },
    pageView,
    track: (name, properties) =>
      record({ kind: 'custom', custom: { name, ...(properties && { properties }) } }),
    flush: async () => client?.flush(),
  };
}

type PushState = (this: History, ...args: Parameters<History['pushState']>) => void;

const secretFields = /^(?:password|file|hidden)$/;

const idleTracker: Tracker = {
  consent: () => undefined,
  pageView: () => undefined,
  track: () => undefined,
  flush: () => Promise.resolve(),
};

/** Returns a UUID of version 4. Browsers have `crypto.randomUUID` on pages with HTTPS only. */
const newId = (): string =>
  '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (digit) =>
    (
      +digit ^
      ((crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) & (15 >> (+digit / 4)))
    ).toString(16),
  );
