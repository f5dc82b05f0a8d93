/** The parts of a browser's page that the client needs; there is no page in Node. */
export interface PageLifecycle {
  /** Calls the listener whenever the page may not come back. @returns a function that removes the listener */
  readonly onHide: (listener: () => void) => () => void;
  /**
   * Queues a body, without headers, to be sent after the page is closed. Returns false where the browser refuses, and
   * for other origins: a beacon carries cookies, so their preflight would have to allow credentials
   * (w3.org/TR/beacon, "sendBeacon method").
   */
  readonly sendBeacon?: (url: string, body: string) => boolean;
}

interface BrowserGlobals {
  readonly document?: {
    readonly visibilityState: string;
    addEventListener(type: string, listener: () => void): void;
    removeEventListener(type: string, listener: () => void): void;
  };
  readonly location?: { readonly href: string; readonly origin: string };
  readonly navigator?: { sendBeacon?(url: string, body: Blob): boolean };
  readonly Blob?: typeof Blob;
}

/**
 * Returns the browser's page; undefined outside of a browser. The listener is bound to `visibilitychange`, because
 * the change to hidden is the last event that mobile browsers reliably fire
 * (developer.mozilla.org/docs/Web/API/Navigator/sendBeacon).
 */
export function browserPage(globals = globalThis as BrowserGlobals): PageLifecycle | undefined {
  const { document, location, navigator, Blob: BlobClass } = globals;
  if (!document) return undefined;
  return {
    onHide: (listener) => {
      const listen = (): void => {
        if (document.visibilityState === 'hidden') listener();
      };
      document.addEventListener('visibilitychange', listen);
      return () => document.removeEventListener('visibilitychange', listen);
    },
    ...(navigator?.sendBeacon &&
      BlobClass && {
        sendBeacon: (url: string, body: string): boolean =>
          new URL(url, location?.href).origin === location?.origin &&
          (navigator.sendBeacon?.(url, new BlobClass([body], { type: 'application/json' })) ??
            false),
      }),
  };
}
