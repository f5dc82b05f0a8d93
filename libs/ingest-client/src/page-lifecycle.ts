/** What of a browser's page the client needs; absent in Node. */
export interface PageLifecycle {
  /** Calls the listener whenever the page may not come back. @returns how to stop that. */
  readonly onHide: (listener: () => void) => () => void;
  /** Queues a body for sending after the page is gone; false where the browser won't. No headers. */
  readonly sendBeacon?: (url: string, body: string) => boolean;
}

interface BrowserGlobals {
  readonly document?: {
    readonly visibilityState: string;
    addEventListener(type: string, listener: () => void): void;
    removeEventListener(type: string, listener: () => void): void;
  };
  readonly navigator?: { sendBeacon?(url: string, body: Blob): boolean };
  readonly Blob?: typeof Blob;
}

/**
 * `visibilitychange` to hidden is the last event that mobile browsers fire for certain
 * (developer.mozilla.org/docs/Web/API/Navigator/sendBeacon).
 */
export function browserPage(globals = globalThis as BrowserGlobals): PageLifecycle | undefined {
  const { document, navigator, Blob: BlobClass } = globals;
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
          navigator.sendBeacon?.(url, new BlobClass([body], { type: 'application/json' })) ?? false,
      }),
  };
}
