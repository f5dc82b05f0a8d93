import { anyPosition } from '@sluice/values';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { openSourceFile, SourceFileError } from '@sluice/event-files';
import { DefinitionError, tableName } from '@sluice/event-schema';
import { InferenceError } from '@sluice/schema-inference';
import type { EventCheck, EventFault } from '@sluice/ingest-client';
import { publishedEventCheck } from '@sluice/ingest-client/schema';
import { runCommand } from '@sluice/terminal/command-line';
import { countText } from '@sluice/values/figures';
import { EventTypeError } from './files/event-type-of-file';
import { describeFailures } from '../failures/describe-failures';
import { ingestedSentence } from './files/ingested-text';
import { ingestFile, type IngestResult } from './files/ingest-file';
import { startCommand } from '../shown-commands';
import { rowCommands } from '../row-commands';
import { startProgress } from '@sluice/terminal/progress';
import { StoredDefinitionError } from '../stored-definitions';
import { tablesWithRows } from '../lake-contents';
import { resolveEventType } from './files/resolve-event-type';
import { lineIdentityField } from './files/line-identity';
import type { Endpoints } from '../endpoints';
import type { ObjectStore } from '@sluice/lake-layout';
import { wrapText } from '@sluice/terminal';
import { basename, resolve } from 'node:path';
import type { LakeTerminal } from '../lake-terminal';
import { DeliveryCount } from '../delivered-rows';
import { FirstKey } from '../first-key';
import { IngestError, listEventTypes, type IngestApi } from './ingest-api';
import { readEndpoints } from '../open-lake';
import { checkServed } from '../refused-definitions';
import { parseOptions, type Options } from './options';
import { ResumeFile, type Resume } from './resume-file';
import { waitUntilServed } from './wait-until-served';

type Terminal = Pick<LakeTerminal, 'args' | 'env' | 'stdout' | 'stderr'>;

/** Errors whose message is meant for a person. */
const forPeople = [
  DefinitionError,
  EventTypeError,
  InferenceError,
  IngestError,
  SourceFileError,
  StoredDefinitionError,
];

/** Exit code of shells for a program that Ctrl-C ended. */
const interrupted = 130;

/** Ingests a file into the local stack or a deployed stage. @returns the exit code */
export async function runIngest(terminal: Terminal): Promise<number> {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(interrupted);
    stop.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
  try {
    return await runCommand(terminal, forPeople, () => {
      const options = parseOptions(terminal);
      return options.url === undefined
        ? intoLocalStack(options, terminal, stop.signal)
        : intoStage(options, options.url, terminal, stop.signal);
    });
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal);
  }
}

async function intoLocalStack(
  options: Options,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { event, allowFailed } = options;
  const { stderr } = terminal;
  const dataDir = resolve(options.dataDir);
  const endpoints = readEndpoints(dataDir, { orElse: 'name a deployed stage with --url' });
  const api: IngestApi = { endpoint: endpoints.ingest, apiKey: endpoints.apiKey };
  const listed = await listEventTypes(api).catch((error: unknown) => {
    if (!(error instanceof IngestError)) throw error;
    throw new IngestError(`${error.message}: start the stack with ${startCommand(dataDir)}`);
  });
  if (listed.some(({ name }) => name === event)) checkServed(dataDir);
  const eventType = await resolveEventType({
    ...options,
    dataDir: dataDirectory(dataDir),
    stderr,
  });
  if (!listed.some(({ name }) => name === event)) {
    stderr.write(`Waiting until the stack serves "${event}" …\n`);
    await waitUntilServed({ event, dataDir, list: () => listEventTypes(api), signal });
  }

  const lake = lakeOf(endpoints);
  const table = tableName(eventType);
  const count = await DeliveryCount.begin(lake, table);
  const first = new FirstKey(eventType);
  const look = (text: string): void => first.look(text);
  const sent = await send({ ...options, look }, api, eventType.identity, terminal, signal);
  if (signal.aborted) return cutShort(options, sent, terminal);

  const delivered = await count.waitAloud(sent.run.accepted, { stderr, signal });
  const open = sent.run.accepted - delivered.rows - delivered.failed;
  const { file } = options;
  const isInSql = delivered.rows > 0 && (await count.waitForSql({ signal }));
  const copies = isInSql && eventType.identity !== undefined ? await count.copies() : undefined;
  stderr.write(
    `\n${ingestedSentence({ file: basename(file), eventType: event, ...sent.run, ...delivered, copies })}\n`,
  );
  if (open > 0)
    stderr.write(`${wrapText(`${open} are on their way still; the stack delivers them.`)}\n`);
  if (delivered.failed > 0) {
    const { errorKeys } = delivered;
    stderr.write(`${await describeFailures({ store: lake, eventType, errorKeys, dataDir })}\n`);
  }
  if (delivered.rows > 0) {
    const key = first.key ?? (await tablesWithRows(lake, [eventType]))[0]?.key;
    stderr.write(rowCommands({ eventType, key, endpoints, dataDir }));
  }
  const failed = delivered.failed + sent.run.rejected;
  report(terminal, options, { ...sent, rows: delivered.rows, failed });
  return failed === 0 || allowFailed ? 0 : 1;
}

async function intoStage(
  options: Options,
  endpoint: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { event, key, identity, allowFailed, invalid, apiKey = '' } = options;
  const api: IngestApi = { endpoint, apiKey };
  const listed = await listEventTypes(api);
  const eventType = listed.find(({ name }) => name === event);
  if (!eventType) {
    const known = listed.map(({ name }) => name).join(', ');
    throw new IngestError(
      `${endpoint} has no event type "${event}"; it has ${known || 'none'}. Define it and deploy it first`,
    );
  }
  for (const [option, given] of [
    ['key', key],
    ['identity', identity],
  ] as const)
    if (given !== undefined && given !== eventType[option])
      throw new IngestError(
        `the event type "${event}" has ${eventType[option] === undefined ? `no ${option}` : `the ${option} "${eventType[option]}"`}, not "${given}"; leave --${option} out`,
      );
  const sent = await send(options, api, eventType.identity, terminal, signal);
  if (signal.aborted) return cutShort(options, sent, terminal);
  const failing = invalid === 'send' ? sent.invalid : 0;
  terminal.stderr.write(
    `\n${ingestedSentence({ file: basename(options.file), eventType: event, ...sent.run, rows: undefined, failed: undefined })}\n`,
  );
  if (failing > 0)
    terminal.stderr.write(
      `${wrapText(`${failing} of them will fail, and wait in the error output for a replay (docs/runbooks/error-output-growing.md).`)}\n`,
    );
  const failed = failing + sent.run.rejected;
  report(terminal, options, { ...sent, rows: undefined, failed });
  return failed === 0 || allowFailed ? 0 : 1;
}

interface Sent {
  /** Counts of this run alone. */
  readonly run: Pick<IngestResult, 'accepted' | 'rejected'>;
  /** Counts including those of earlier runs that were interrupted. */
  readonly all: Resume;
  /** Number of events of this run that the published schema refuses. */
  readonly invalid: number;
  readonly seconds: number;
}

/** Posts the part of the file that earlier runs have not posted, and notes the progress. */
async function send(
  options: Options & { readonly look?: (text: string) => void },
  api: IngestApi,
  identity: string | undefined,
  { stderr }: Terminal,
  signal: AbortSignal,
): Promise<Sent> {
  const { file, event, invalid, restart, look } = options;
  const source = await openSourceFile(file);
  const resumeFile = new ResumeFile({
    folder: dataDirectory(options.dataDir).ingests,
    file,
    eventType: event,
    endpoint: api.endpoint,
  });
  const before = restart ? undefined : resumeFile.read();
  const earlier = before && !before.isDone ? before : nothing;
  if (earlier.position > 0)
    stderr.write(
      `${wrapText(`An earlier run was cut short: going on after ${source.unit} ${countText(earlier.position)} (--restart begins anew).`)}\n`,
    );
  if (before?.isDone === true && identity === undefined)
    stderr.write(
      `${wrapText(`warning: this file was taken before, and ${event} has no identity: its events become rows again. For an event type that takes a file once, infer another with --identity FIELD or --identity-from-line.`)}\n`,
    );

  const faults = new FaultCount(stderr, source.unit, invalid);
  const published = await publishedEventCheck({ ...api, eventType: event });
  const check = published && faults.counting(published);
  const startedMs = performance.now();
  const progress = startProgress({
    label: `Posting ${basename(file)}`,
    total: source.totalBytes,
    stream: stderr,
  });
  const total = (run: IngestResult, isDone: boolean): Resume => ({
    position: run.position,
    accepted: earlier.accepted + run.accepted,
    rejected: earlier.rejected + run.rejected,
    isDone,
  });
  let notedMs = startedMs;
  let run: IngestResult;
  try {
    run = await ingestFile({
      source,
      eventType: event,
      endpoint: api.endpoint,
      apiKey: api.apiKey,
      signal,
      identityFromLine: identity === lineIdentityField,
      after: earlier.position,
      check: (json) => {
        look?.(json);
        const fault = check?.(json);
        return invalid === 'skip' ? fault : undefined;
      },
      onProgress: ({ bytesDone, ...done }) => {
        progress.update(bytesDone, done.accepted);
        if (performance.now() - notedMs < noteEveryMs) return;
        notedMs = performance.now();
        resumeFile.write(total(done, false));
      },
      onRejected: (sentence) => progress.say(sentence),
    });
  } finally {
    progress.stop();
  }
  const all = total(run, !signal.aborted);
  if (!resumeFile.write(all))
    stderr.write(
      `${wrapText(`warning: how far it came can't be noted in ${options.dataDir}, as where the disk is full: the next run begins anew.`)}\n`,
    );
  // The local stack reports the same events as failures.
  if (invalid === 'skip' || options.url !== undefined) faults.tell();
  return { run, all, invalid: faults.count, seconds: (performance.now() - startedMs) / 1000 };
}

const nothing: Resume = { position: 0, accepted: 0, rejected: 0, isDone: false };

const noteEveryMs = 1_000;

/** Counts the events that the published schema refuses, by location. */
class FaultCount {
  count = 0;
  readonly #byPlace = new Map<string, number>();

  constructor(
    private readonly stderr: NodeJS.WriteStream,
    private readonly unit: string,
    private readonly invalid: Options['invalid'],
  ) {}

  counting(check: EventCheck): EventCheck {
    return (json) => {
      const fault = check(json);
      if (fault) this.#add(fault);
      return fault;
    };
  }

  tell(): void {
    if (this.count === 0) return;
    const isOne = this.count === 1;
    const what = this.invalid === 'skip' ? 'left out' : 'sent all the same';
    this.stderr.write(
      `${wrapText(`${countText(this.count)} ${this.unit}${isOne ? ' does' : 's do'} not conform to the published schema, and ${isOne ? 'was' : 'were'} ${what}:`)}\n`,
    );
    const places = [...this.#byPlace].sort(([, a], [, b]) => b - a);
    for (const [place, count] of places.slice(0, maxPlaces))
      this.stderr.write(`${wrapText(place, { first: `${String(count).padStart(6)}  ` })}\n`);
  }

  #add({ code, pointer, message }: EventFault): void {
    this.count++;
    // Positions in arrays differ between events.
    const place = `${code} at ${anyPosition(pointer) || '/'}: ${message}`;
    this.#byPlace.set(place, (this.#byPlace.get(place) ?? 0) + 1);
  }
}

const maxPlaces = 5;

function cutShort({ file }: Options, { all }: Sent, { stderr }: Terminal): number {
  stderr.write(
    `\n${wrapText(`Cut short: ${countText(all.accepted)} events of ${basename(file)} were taken; the same command goes on from there.`)}\n`,
  );
  return interrupted;
}

function report(
  { stdout }: Terminal,
  { json }: Options,
  outcome: Sent & { readonly rows: number | undefined; readonly failed: number },
): void {
  if (!json) return;
  const { all, rows = null, failed, seconds } = outcome;
  const { accepted, rejected } = all;
  stdout.write(
    `${JSON.stringify({ accepted, rejected, rows, failed, seconds: Math.round(seconds * 10) / 10 })}\n`,
  );
}

const lakeOf = ({ s3, region, bucket, accessKeyId, secretAccessKey }: Endpoints): ObjectStore =>
  s3ObjectStore({
    client: s3Client({ endpoint: s3, region, credentials: { accessKeyId, secretAccessKey } }),
    bucket,
  });
