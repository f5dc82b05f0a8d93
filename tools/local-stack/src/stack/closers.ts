/** Milliseconds that a part may take to end, because a running function has to be waited for. */
const closeTimeoutMs = 15_000;

/** Collects functions that end the parts of a stack, and calls them in the reverse order of the starts. */
export class Closers {
  readonly #closers: (() => Promise<unknown>)[] = [];

  add(...closers: readonly (() => Promise<unknown>)[]): void {
    this.#closers.push(...closers);
  }

  /** Ends all parts, even if some fail, and waits for none forever. @returns the errors */
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
