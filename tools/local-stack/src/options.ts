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

/** Longest time until an event is delivered, in seconds, in an interactive run; the templates' 60 s suit AWS. */
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
      'Runs the synthesised templates of Sluice on this machine: gateway, streams, delivery, lake, look-ups, SQL and console.',
    )
    .option(
      '--port <n>',
      `first of ${portCount} consecutive ports: ingest, look-up, S3, Kinesis, analytics, its services, operations, console, Iceberg catalog, traces`,
      wholeNumber('A port', 1, highestPort - portCount + 1),
      defaultPort,
    )
    .option('--data-dir <dir>', 'folder for all data', '.sluice')
    .option('--ingest <file>', 'post the events of a file (.json, .ndjson, .jsonl, each also .gz)')
    .option('--event <name>', 'event type of the file; inferred from it if it is not defined')
    .option('--key <field>', 'field for look-ups, for an inferred event type')
    .option('--identity <field>', 'field that identifies an event, for an inferred event type')
    .option(
      '--identity-from-line',
      'derive the identity from file name, line and text, so that posting a file again adds no rows',
    )
    .option(typeOption.flags, typeOption.description, collectType)
    .option('--new', 'create a new event type even if its name resembles an existing one')
    .option('--once', 'stop when everything is delivered and compacted; fails if an event failed')
    .option('--allow-failed', 'with --once: report failed events, but exit with 0')
    .option(
      '--buffer-seconds <n>',
      `longest time until an event is delivered, at most that of the templates (default: ${defaultBufferSeconds}; with --once that of the templates)`,
      number('An interval', 0.1, 900),
    )
    .option(
      '--s3-latency <ms>',
      'delay of every request to S3, in milliseconds',
      number('A latency', 0, 60_000),
      0,
    )
    .option('--assembly <dir>', 'synthesised templates to run, such as dist/cdk.out/prod')
    .option('--stream-limits', 'enforce the limits of shards: 1 MiB and 1,000 records per second')
    .option(
      '--allow-origin <origin>',
      'let web pages of an origin, such as http://localhost:5173, call every port; can be repeated',
      collectOrigin,
    )
    .option('--open', 'open the console in the browser')
    .option('--no-sample', 'do not fill an empty data directory with sample data')
    .addHelpText(
      'after',
      `
Examples:
  npm start
  npm start -- --ingest events.ndjson.gz --event order --key orderId
  npm start -- --once --ingest events.json --event order \\
    --key orderId --identity orderId

Other programs can send traces to the address that is printed as "Traces". To pass all traces on to your own collector,
set OTEL_EXPORTER_OTLP_ENDPOINT=<address> (docs/traces.md).`,
    );
  return readCommandLine(command, line, () => {
    const parsed = command.opts<Parsed>();
    if (parsed.ingest !== undefined && parsed.event === undefined)
      command.error('error: --ingest needs --event, the event type of the file');
    if (parsed.identity !== undefined && parsed.identityFromLine)
      command.error('error: --identity and --identity-from-line can not be combined');
    if (parsed.ingest === undefined)
      for (const name of ['event', 'key', 'identity', 'type', 'identityFromLine', 'new'] as const)
        if (parsed[name] !== undefined)
          command.error(
            `error: --${name === 'identityFromLine' ? 'identity-from-line' : name} needs --ingest`,
          );
    const { once = false, allowFailed = false } = parsed;
    if (allowFailed && !once) command.error('error: --allow-failed needs --once');
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
