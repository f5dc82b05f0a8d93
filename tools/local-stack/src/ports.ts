import { createServer } from 'node:net';

/** A port that another program has; the message is for a person. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
  constructor(
    readonly port: number,
    what: string,
  ) {
    super(`port ${port} (${what}) is taken; free it or choose other ports with --port`);
  }
}

/** What answers at a port of its own. */
const listeners = ['ingest', 'lookup', 's3', 'kinesis', 'analytics', 'services'] as const;

/** `services` are Athena and Step Functions. */
export type Ports = Readonly<Record<(typeof listeners)[number], number>>;

/** How many ports in a row a local stack takes. */
export const portCount = listeners.length;

export const portsFrom = (first: number): Ports =>
  Object.fromEntries(listeners.map((name, index) => [name, first + index])) as Ports;

/** A port that this user may not have, or that the machine has not; the message is for a person. */
export class PortRefusedError extends Error {
  override readonly name = 'PortRefusedError';
}

/** Returns the refusal of a port, as a sentence with the way out; `error` is what listening on it gave. */
export function portFault(error: NodeJS.ErrnoException, port: number, what: string): Error {
  if (error.code === 'EADDRINUSE') return new PortTakenError(port, what);
  if (error.code === 'EACCES')
    return new PortRefusedError(
      `port ${port} (${what}) is for privileged users only; choose ports above 1023 with --port`,
    );
  return new PortRefusedError(`port ${port} (${what}) can't be used: ${error.message}`);
}

const host = '127.0.0.1';

/** @throws {@link PortTakenError} for the first that is taken. */
export async function checkPorts(ports: Readonly<Record<string, number>>): Promise<void> {
  for (const [what, port] of Object.entries(ports))
    await new Promise<void>((resolve, reject) => {
      const probe = createServer();
      probe.once('error', (error: NodeJS.ErrnoException) => reject(portFault(error, port, what)));
      probe.listen(port, host, () => probe.close(() => resolve()));
    });
}
