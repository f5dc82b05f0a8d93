/** The tracker's storage in the browser. It keeps nothing where the browser refuses storage. */
export interface BrowserStore {
  /** Keeps an event's text until it is removed, unless there are too many. */
  keep(eventId: string, text: string): void;
  remove(eventId: string): void;
  /** Returns the texts of the kept events by their ids. */
  kept(): readonly (readonly [string, string])[];
  /** Returns the session's id, and notes that it is in use. A session ends after half an hour without use. */
  session(nowMs: number): string;
  /** Removes everything that the tracker keeps. */
  clear(): void;
}

const sessionKey = 'sluice.session';
/**
 * Prefix of the keys of events. Each event has its own key, so that several tabs can add and remove events
 * independently.
 */
const eventKeyPrefix = 'sluice.event.';
const sessionIdleMs = 30 * 60_000;

/** Returns a store in the browser's `localStorage`. @param maxEvents largest number of kept events */
export function browserStore(window: Window, maxEvents: number, newId: () => string): BrowserStore {
  let sessionId: string | undefined;
  let usedAtMs = 0;
  const storage = (): Storage | undefined => {
    try {
      return window.localStorage; // throws where the browser blocks it
    } catch {
      return undefined;
    }
  };
  const write = (key: string, text: string): void => {
    try {
      storage()?.setItem(key, text);
    } catch {
      // The browser's quota is used up. The event is in memory as well.
    }
  };
  const keys = (): readonly string[] =>
    Object.keys(storage() ?? {}).filter((key) => key.startsWith(eventKeyPrefix));
  return {
    keep: (eventId, text) => {
      if (keys().length < maxEvents) write(eventKeyPrefix + eventId, text);
    },
    remove: (eventId) => storage()?.removeItem(eventKeyPrefix + eventId),
    kept: () =>
      keys().flatMap((key) => {
        const text = storage()?.getItem(key) ?? null;
        // Another tab may have removed it meanwhile.
        return text === null ? [] : [[key.slice(eventKeyPrefix.length), text] as const];
      }),
    session: (nowMs) => {
      // Another tab may have begun a session or used it.
      const [id, at] = (storage()?.getItem(sessionKey) ?? '').split(' ');
      if (id && at) {
        sessionId = id;
        usedAtMs = +at;
      }
      if (!sessionId || !(Math.abs(nowMs - usedAtMs) < sessionIdleMs)) sessionId = newId();
      usedAtMs = nowMs;
      write(sessionKey, `${sessionId} ${nowMs}`);
      return sessionId;
    },
    clear: () => {
      sessionId = undefined;
      for (const key of [...keys(), sessionKey]) storage()?.removeItem(key);
    },
  };
}
