import { useEffect, useState } from 'preact/hooks';
import type { Client } from '../client';
import { afterBatch, nothingYet, type LiveState } from '../model/live-state';

/**
 * A connection shared by all pages. It opens with the first page that needs it and stays open, so that nothing is
 * missed between two.
 */
export class LiveStore {
  #state = nothingYet;
  readonly #listeners = new Set<() => void>();
  #isStarted = false;
  #isFrameWanted = false;

  constructor(private readonly client: Client) {}

  get state(): LiveState {
    return this.#state;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.client.live(
        (batch) => this.#set(afterBatch(this.#state, batch)),
        (isConnected) => this.#set({ ...this.#state, isConnected }),
      );
    }
    return () => this.#listeners.delete(listener);
  }

  #set(state: LiveState): void {
    this.#state = state;
    if (this.#isFrameWanted) return;
    this.#isFrameWanted = true;
    // At most once a frame, however many batches arrive.
    requestAnimationFrame(() => {
      this.#isFrameWanted = false;
      for (const listener of this.#listeners) listener();
    });
  }
}

export function useLive(store: LiveStore): LiveState {
  const [state, setState] = useState(store.state);
  useEffect(() => store.listen(() => setState(store.state)), [store]);
  return state;
}
