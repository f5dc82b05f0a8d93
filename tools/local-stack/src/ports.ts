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

/** A port that this user may not have, or that the machine has not; the message is for a person. */
export class PortRefusedError extends Error {
  override readonly name = 'PortRefusedError';
}

/** The app whose stack has a REST API, by the API's name in `endpoints.json`. */
export const apiApps = {
  ingest: 'ingest-gateway',
  lookup: 'lookup-api',
  analytics: 'analytics',
  operations: 'operations',
} as const;

/** What answers at a port of its own in every stack, in the order of the ports. */
const listeners = [
  'ingest',
  'lookup',
  's3',
  'kinesis',
  'analytics',
  'services',
  'operations',
  'console',
  'icebergCatalog',
] as const;

/** `services` are Athena, Step Functions and Lambda. */
export type Ports = Readonly<Record<(typeof listeners)[number], number>>;

/** How many ports in a row a local stack takes. */
export const portCount = listeners.length;

/**
 * Returns the port of each listener.
 *
 * @param first port of the run
 * @param others REST APIs of the templates; those that have no port yet take the ports after the run, in their order
 */
export function portsFrom(
  first: number,
  others: readonly string[] = [],
): Ports & Readonly<Record<string, number>> {
  const all = [...new Set<string>([...listeners, ...others])];
  return Object.fromEntries(all.map((name, index) => [name, first + index])) as Ports;
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

/** Checks that ports are free. @throws {@link PortTakenError}, {@link PortRefusedError} for the first that is not */
export async function checkPorts(ports: Readonly<Record<string, number>>): Promise<void> {
  for (const [what, port] of Object.entries(ports))
    await new Promise<void>((resolve, reject) => {
      const probe = createServer();
      probe.once('error', (error: NodeJS.ErrnoException) => reject(portFault(error, port, what)));
      probe.listen(port, host, () => probe.close(() => resolve()));
    });
}

/** Ports to choose from; all lie below those that systems give to outgoing connections. */
const freeRange = { from: 20_000, count: 10_000 };

/**
 * Returns the first of a run of ports that are free now, enough for a local stack. Another program may take one
 * before the stack does.
 */
export async function freePorts(): Promise<number> {
  for (;;) {
    const first = freeRange.from + Math.floor(Math.random() * freeRange.count);
    try {
      await checkPorts(portsFrom(first));
      return first;
    } catch (error) {
      if (!(error instanceof PortTakenError)) throw error;
    }
  }
}
