import type { LocalKinesis } from '@sluice/local-kinesis';

/** Keeps Kinesis running while one stack replaces another, so that its port is never closed in between. */
export class LastingKinesis {
  #running: LocalKinesis | undefined;

  /** Returns the running Kinesis, which is started if none runs. Only {@link close} ends it. */
  async use(start: () => Promise<LocalKinesis>): Promise<LocalKinesis> {
    this.#running ??= await start();
    return { ...this.#running, close: () => Promise.resolve() };
  }

  /** Ends Kinesis if it runs. @throws the error of one that broke down */
  async close(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.close();
  }
}
