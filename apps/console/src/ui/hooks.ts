import { createContext } from 'preact';
import { useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { NoAnswerError, type Client } from '../client';
import { routeOf, withParameter } from '../model/address';
import type { EventTypeFacts, LakeOverview } from '../model/facts';

export const ClientContext = createContext<Client | undefined>(undefined);

export function useClient(): Client {
  const client = useContext(ClientContext);
  if (!client) throw new Error('there is no client around this component');
  return client;
}

export interface Loaded<T> {
  readonly value?: T;
  readonly error?: string;
  /** Loads the value again at once. */
  readonly reload: () => void;
}

/** Milliseconds after which a request without an answer is repeated. */
const retryMs = 2_000;

/**
 * Loads a value, and loads it again at intervals while the page is visible. An answer that arrives after its inputs
 * have changed is dropped. A request without an answer is repeated until there is one.
 *
 * @param everyMs interval in milliseconds; 0 loads once
 */
export function useLoaded<T>(
  load: (() => Promise<T>) | undefined,
  dependencies: readonly unknown[],
  everyMs = 0,
): Loaded<T> {
  const [state, setState] = useState<{ readonly value?: T; readonly error?: string }>({});
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    let isOver = false;
    let timer = 0;
    const run = async (): Promise<void> => {
      let againMs = everyMs;
      if (!document.hidden && latest.current)
        try {
          const value = await latest.current();
          if (!isOver) setState({ value });
        } catch (error) {
          if (!isOver) setState((known) => ({ ...known, error: (error as Error).message }));
          if (error instanceof NoAnswerError) againMs = Math.max(everyMs, retryMs);
        }
      if (!isOver && againMs > 0) timer = window.setTimeout(() => void run(), againMs);
    };
    void run();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [...dependencies, everyMs, turn]);
  return { ...state, reload: () => setTurn((last) => last + 1) };
}

/** Loads the event types, and loads them again when the state of the lake shows that one was added or changed. */
export function useEventTypes(
  lake: LakeOverview | undefined,
): Loaded<{ readonly eventTypes: readonly EventTypeFacts[] }> {
  const client = useClient();
  const versions = (lake?.tables ?? [])
    .map(({ table, version, columns }) => `${table} ${version} ${columns}`)
    .join('\n');
  return useLoaded(() => client.get('operations', '/v1/event-types'), [client, versions]);
}

/** Returns a signal that is aborted when the component is removed. */
export function useLeaving(): AbortSignal {
  const [control] = useState(() => new AbortController());
  useEffect(() => () => control.abort(), [control]);
  return control.signal;
}

/** Returns the current time, updated once a second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Returns the page and parameters in the address after the `#`. */
export function useRoute(): { readonly page: string; readonly query: URLSearchParams } {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = (): void => setHash(location.hash);
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return useMemo(() => routeOf(hash), [hash]);
}

/** Returns a parameter of the address, empty where it has none, and a function that changes it there. */
export function useAddressed(
  query: URLSearchParams,
  name: string,
): readonly [value: string, set: (value: string) => void] {
  const set = (value: string): void => location.replace(withParameter(location.hash, name, value));
  return [query.get(name) ?? '', set];
}
