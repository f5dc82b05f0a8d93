/**
 * Handler of this process's SIGINT and SIGTERM: the first one asks for an orderly end, the second one ends the
 * process at once.
 */
export interface StopSignal {
  readonly signal: AbortSignal;
  /** Stops listening, and aborts the signal. */
  forget(): void;
}

export function stopSignal(stderr: NodeJS.WriteStream): StopSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      stderr.write('Stopped; the next start delivers the rest.\n');
      process.exit(130);
    }
    controller.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
  return {
    signal: controller.signal,
    forget: () => {
      controller.abort();
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal);
    },
  };
}
