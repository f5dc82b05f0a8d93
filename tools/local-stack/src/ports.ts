import { createServer } from 'node:net';

/** Error for a port that another program uses; the message is meant for a person. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
  constructor(
    readonly port: number,
    what: string,
  ) {
    super(`port ${port} (${what}) is taken; free it or choose other ports with --port`);
  }
}

/** Error for a port that this user may not use, or that does not exist; the message is meant for a person. */
export class PortRefusedError extends Error {
  override readonly name = 'PortRefusedError';
}

/** Apps whose stacks have a REST API, by the API's name in `endpoints.json`. */
export const apiApps = {
  ingest: 'ingest-gateway',
  lookup: 'lookup-api',
  analytics: 'analytics',
  operations: 'operations',
} as const;

/** Servers that have a port in every stack, in the order of the ports. */
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
  'traces',
] as const;

/** The ports of a stack, by server. `services` are Athena, Step Functions and Lambda. */
export type Ports = Readonly<Record<(typeof listeners)[number], number>>;

/** Number of consecutive ports that a local stack uses. */
export const portCount = listeners.length;

/**
 * Returns the port of each server.
 *
 * @param first of the consecutive ports
 * @param others REST APIs of the templates; those without a port get the ports after the consecutive ones, in order
 */
export function portsFrom(
  first: number,
  others: readonly string[] = [],
): Ports & Readonly<Record<string, number>> {
  const all = [...new Set<string>([...listeners, ...others])];
  return Object.fromEntries(all.map((name, index) => [name, first + index])) as Ports;
}

/** Returns an error for a port that can't be used, with a remedy. @param error of listening at it */
export function portFault(error: NodeJS.ErrnoException, port: number, what: string): Error {
  if (error.code === 'EADDRINUSE') return new PortTakenError(port, what);
  if (error.code === 'EACCES')
    return new PortRefusedError(
      `port ${port} (${what}) is for privileged users only; choose ports above 1023 with --port`,
    );
  return new PortRefusedError(`port ${port} (${what}) can't be used: ${error.message}`);
}

/**
 * Returns the user's error where a server could not listen, because another program may take a port after it was
 * found free; returns any other error unchanged.
 */
export function listenFault(error: unknown, ports: Readonly<Record<string, number>>): unknown {
  const { syscall, port } = error as NodeJS.ErrnoException & { readonly port?: number };
  if (syscall !== 'listen' || port === undefined) return error;
  const [what = 'another server'] = Object.entries(ports).find(([, known]) => known === port) ?? [];
  return portFault(error as NodeJS.ErrnoException, port, what);
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

/** Range of ports to choose from; all are below those that systems use for outgoing connections. */
const freeRange = { from: 20_000, count: 10_000 };

/**
 * Returns the first of as many consecutive free ports as a local stack needs. Another program may take one before the
 * stack does.
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
