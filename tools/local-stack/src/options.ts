import { Command, InvalidArgumentError } from 'commander';
import { collectType, typeOption, type AskedTypes } from '@sluice/lake';
import { readCommandLine, type CommandLine } from '@sluice/terminal/command-line';
import { portCount } from './ports';

/** Options of the command line. */
export interface Options {
  /**
   * First of the consecutive ports: ingest, look-up, S3, Kinesis, analytics, Athena with Step Functions, operations,
   * console, Iceberg catalogue, traces.
   */
  readonly port: number;
  readonly dataDir: string;
  readonly ingest: IngestOptions | undefined;
  /** True to stop when everything is delivered and compacted. */
  readonly once: boolean;
  /** True where `--once` succeeds although events failed. */
  readonly allowFailed: boolean;
  /** Upper bound in milliseconds for buffering; undefined for the templates' values. */
  readonly bufferMs: number | undefined;
  /** Milliseconds by which the S3 endpoint delays every request. */
  readonly s3LatencyMs: number;
  readonly sample: boolean;
  /** True to open the console in the browser. */
  readonly open: boolean;
  /** Folder of the templates to run instead of those of the stage dev. */
  readonly assembly: string | undefined;
  /** True where shards refuse what exceeds their limits, like those of Kinesis. */
  readonly streamLimits: boolean;
  /** Origins whose web pages may call every port. */
  readonly allowedOrigins: readonly string[];
}

export interface IngestOptions {
  readonly file: string;
  readonly event: string;
  readonly key: string | undefined;
  readonly identity: string | undefined;
  /** Types that fields are asked to have, for an inferred event type. */
  readonly types: AskedTypes;
  /** True to make the identity of each event from its line. */
  readonly identityFromLine: boolean;
  /** True to infer an event type of this name even if it resembles that of another. */
  readonly isNew: boolean;
}

const defaultPort = 4600;

/**
 * Longest wait of an event for its delivery, in seconds, while a person watches; the templates' 60 s are meant for
 * AWS.
 */
const defaultBufferSeconds = 5;
const highestPort = 65535;

const number =
  (what: string, min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < min || value > max)
      throw new InvalidArgumentError(`${what} is a number from ${min} to ${max}.`);
    return value;
  };

const wholeNumber =
  (what: string, min: number, max: number) =>
  (text: string): number => {
    const value = number(what, min, max)(text);
    if (!Number.isInteger(value)) throw new InvalidArgumentError(`${what} is a whole number.`);
    return value;
  };

function collectOrigin(text: string, origins: readonly string[] = []): readonly string[] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    url.origin === 'null' ||
    url.origin !== text.replace(/\/$/, '').toLowerCase()
  )
    throw new InvalidArgumentError(
      'An origin is a scheme, a host and perhaps a port, such as http://localhost:5173.',
    );
  return [...origins, url.origin];
}

interface Parsed {
  readonly port: number;
  readonly dataDir: string;
  readonly ingest?: string;
  readonly event?: string;
  readonly key?: string;
  readonly identity?: string;
  readonly type?: AskedTypes;
  readonly identityFromLine?: boolean;
  readonly new?: boolean;
  readonly once?: boolean;
  readonly allowFailed?: boolean;
  readonly bufferSeconds?: number;
  readonly s3Latency: number;
  readonly sample: boolean;
  readonly open?: boolean;
  readonly assembly?: string;
  readonly streamLimits?: boolean;
  readonly allowOrigin?: readonly string[];
}

/** Parses the command line. @throws CommandLineExit where it is wrong or asks for help */
export function parseOptions(line: CommandLine): Options {
  const command = new Command('npm start --')
    .description(
      'Runs Sluice on this machine: what the infra app synthesises, with its gateway, stream, delivery, lake and look-up.',
    )
    .option(
      '--port <n>',
      `first of ${portCount} ports in a row: ingest, look-up, S3, Kinesis, analytics, its services, operations, console, Iceberg catalog, traces`,
      wholeNumber('A port', 1, highestPort - portCount + 1),
      defaultPort,
    )
    .option('--data-dir <dir>', 'where everything is kept', '.sluice')
    .option('--ingest <file>', 'post the events of a file (.json, .ndjson, .jsonl, each also .gz)')
    .option('--event <name>', 'event type of the file; one that is not defined is inferred from it')
    .option('--key <field>', 'field that look-ups use, for an inferred event type')
    .option(
      '--identity <field>',
      'field that tells one event from another, for an inferred event type',
    )
    .option(
      '--identity-from-line',
      'make the identity from file, line and text: posted again, the file adds no rows',
    )
    .option(typeOption.flags, typeOption.description, collectType)
    .option('--new', 'make the event type anew, though its name looks like that of another one')
    .option(
      '--once',
      'stop when everything is delivered and compacted; fails where an event failed',
    )
    .option('--allow-failed', 'with --once: failed events are reported, and are no failure')
    .option(
      '--buffer-seconds <n>',
      `longest wait of an event for its delivery, up to the templates' (default: ${defaultBufferSeconds}; with --once as the templates say)`,
      number('An interval', 0.1, 900),
    )
    .option(
      '--s3-latency <ms>',
      'delay that S3 adds to every request',
      number('A latency', 0, 60_000),
      0,
    )
    .option('--assembly <dir>', 'synthesised templates to run, such as dist/cdk.out/prod')
    .option('--stream-limits', 'shards refuse what is over 1 MiB or 1,000 records a second')
    .option(
      '--allow-origin <origin>',
      'let the web pages of an origin, such as http://localhost:5173, call every port; can be given again',
      collectOrigin,
    )
    .option('--open', 'open the console in the browser')
    .option('--no-sample', 'do not post sample events into an empty data directory')
    .addHelpText(
      'after',
      `
Examples:
  npm start
  npm start -- --ingest events.ndjson.gz --event order --key orderId
  npm start -- --once --ingest events.json --event order \\
    --key orderId --identity orderId

Traces of other programs are taken at the address that is printed as "Traces"; OTEL_EXPORTER_OTLP_ENDPOINT=<address>
passes all of them on to a collector of your own (docs/traces.md).`,
    );
  return readCommandLine(command, line, () => {
    const parsed = command.opts<Parsed>();
    if (parsed.ingest !== undefined && parsed.event === undefined)
      command.error('error: --ingest needs --event, the event type of the file');
    if (parsed.identity !== undefined && parsed.identityFromLine)
      command.error('error: --identity and --identity-from-line exclude each other');
    if (parsed.ingest === undefined)
      for (const name of ['event', 'key', 'identity', 'type', 'identityFromLine', 'new'] as const)
        if (parsed[name] !== undefined)
          command.error(
            `error: --${name === 'identityFromLine' ? 'identity-from-line' : name} goes with --ingest`,
          );
    const { once = false, allowFailed = false } = parsed;
    if (allowFailed && !once) command.error('error: --allow-failed goes with --once');
    const bufferSeconds = parsed.bufferSeconds ?? (once ? undefined : defaultBufferSeconds);
    return {
      port: parsed.port,
      dataDir: parsed.dataDir,
      ingest:
        parsed.ingest !== undefined && parsed.event !== undefined
          ? {
              file: parsed.ingest,
              event: parsed.event,
              key: parsed.key,
              identity: parsed.identity,
              types: parsed.type ?? {},
              identityFromLine: parsed.identityFromLine ?? false,
              isNew: parsed.new ?? false,
            }
          : undefined,
      once,
      allowFailed,
      bufferMs: bufferSeconds === undefined ? undefined : bufferSeconds * 1000,
      s3LatencyMs: parsed.s3Latency,
      sample: parsed.sample,
      open: parsed.open ?? false,
      assembly: parsed.assembly,
      streamLimits: parsed.streamLimits ?? false,
      allowedOrigins: parsed.allowOrigin ?? [],
    };
  });
}
