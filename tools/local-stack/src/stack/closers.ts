/** How long a part may take to end; a function that runs has to be waited for. */
const closeTimeoutMs = 15_000;

/** What ends the parts of a stack, the last one that was started first. */
export class Closers {
  readonly #closers: (() => Promise<unknown>)[] = [];

  add(...closers: readonly (() => Promise<unknown>)[]): void {
    this.#closers.push(...closers);
  }

  /** Ends each part whatever became of the others, and waits for none for ever. @returns what did not end well */
  async close(): Promise<readonly Error[]> {
    const faults: Error[] = [];
    for (const closer of this.#closers.reverse().splice(0))
      await withinTimeout(closer).catch((error: unknown) => {
        faults.push(error instanceof Error ? error : new Error(String(error)));
      });
    return faults;
  }
}

async function withinTimeout(act: () => Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`a part of the stack did not end within ${closeTimeoutMs / 1000} s`)),
      closeTimeoutMs,
    );
  });
  try {
    await Promise.race([act(), late]);
  } finally {
    clearTimeout(timer);
  }
}
