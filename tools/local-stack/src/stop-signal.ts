/** SIGINT and SIGTERM of this process: the first asks for an orderly end, the second ends the process at once. */
export interface StopSignal {
  readonly signal: AbortSignal;
  /** Listens no longer; the signal is aborted. */
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
