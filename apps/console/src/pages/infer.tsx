import { pollUntil } from '@sluice/waiting';
import { eventTexts } from '@sluice/event-files/json-texts';
import { useEffect, useRef, useState } from 'preact/hooks';
import { pageUrl } from '../model/address';
import { batchesOf, checkedTexts, typeNameOf } from '../model/event-file';
import type { EventTypeFacts, LakeOverview } from '../model/facts';
import { fittingType } from '../model/fitting-type';
import { count, plural } from '../model/text';
import { useClient } from '../ui/hooks';
import { FactsTable, Fault, Notice, Panel, Pill, Select, TextField, Value } from '../ui/parts';

/** The type of most values of a field that is text because of the others. */
interface TypeProposal {
  readonly path: string;
  readonly type: string;
  readonly fits: number;
  readonly values: number;
  /** Line of the first value of another type. */
  readonly firstOther?: number;
}

interface Inferred {
  readonly definition: {
    readonly name: string;
    readonly table?: string;
    readonly key: string;
  } & Readonly<Record<string, unknown>>;
  readonly report: {
    readonly events: number;
    readonly skipped: {
      readonly count: number;
      readonly first: readonly { readonly line: number; readonly reason: string }[];
    };
    readonly key: { readonly path: string; readonly chosenBy: string };
    readonly columns: readonly {
      readonly path: string;
      readonly column: string;
      readonly type: string;
      readonly required: boolean;
      readonly present: number;
      readonly reason: string;
    }[];
    readonly typeProposals: readonly TypeProposal[];
    readonly warnings: readonly string[];
    readonly keyProposals: readonly { readonly path: string; readonly unique: boolean }[];
  };
}

/** Number of characters of a file from which a definition is inferred. */
const sampleCharacters = 2_000_000;
const maxFileBytes = 100_000_000;

/**
 * Infers an event type from a file, shows the reasons, and publishes the type and its events when the user asks for
 * it.
 */
export function DroppedFile({
  file,
  known,
  lake,
  onTaken,
  onClose,
}: {
  readonly file: File;
  /** Event types that exist already. */
  readonly known: readonly EventTypeFacts[];
  readonly lake: LakeOverview | undefined;
  readonly onTaken: (name: string) => void;
  readonly onClose: () => void;
}) {
  const client = useClient();
  const [name, setName] = useState(typeNameOf(file.name));
  const [key, setKey] = useState('');
  const [identity, setIdentity] = useState('');
  /** Chosen types, by field. */
  const [types, setTypes] = useState<Readonly<Record<string, string>>>({});
  /** Types proposed so far, because a chosen type is not proposed again. */
  const [proposals, setProposals] = useState<readonly TypeProposal[]>([]);
  const [inferred, setInferred] = useState<Inferred>();
  const [error, setError] = useState<string>();
  const [progress, setProgress] = useState<string>();
  const [isDone, setDone] = useState(false);
  /** Failed records of the table before the events were sent. */
  const [failedBefore, setFailedBefore] = useState(0);
  const [broken, setBroken] = useState<readonly number[]>([]);
  const existing = known.find((one) => one.name === name);
  useEffect(() => {
    let isOver = false;
    const infer = async (): Promise<void> => {
      if (file.size > maxFileBytes)
        throw new Error(
          'The file is larger than 100 MB. Use npm run ingest, which has no size limit.',
        );
      if (!/\.(?:json|ndjson|jsonl)(?:\.gz)?$/i.test(file.name))
        throw new Error('Choose a JSON file: .json, .ndjson or .jsonl, plain or as .gz.');
      const text = (await textOf(file)).slice(0, sampleCharacters);
      if (text.trim() === '') throw new Error('The file is empty.');
      const found = await client.post<Inferred>('operations', '/v1/inferences', text, {
        query: { name, key, identity, types: JSON.stringify(types) },
        headers: { 'content-type': 'application/x-ndjson' },
      });
      if (!isOver) {
        setInferred(found);
        const { typeProposals } = found.report;
        setProposals((before) => [
          ...before.filter(({ path }) => !typeProposals.some((one) => one.path === path)),
          ...typeProposals,
        ]);
        setError(undefined);
      }
    };
    const timer = setTimeout(
      () =>
        void infer().catch((fault: unknown) => {
          if (!isOver) setError((fault as Error).message);
        }),
      200,
    );
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [client, file, name, key, identity, types]);

  // A file that was sent is not offered again when the user returns to the page.
  const leave = useRef<() => void>(undefined);
  leave.current = isDone ? onClose : undefined;
  useEffect(() => () => leave.current?.(), []);

  const take = async (): Promise<void> => {
    const { eventTypes: place } = client.config;
    if (!inferred || place === undefined) return;
    setError(undefined);
    try {
      const { definition } = inferred;
      setFailedBefore(failedOf(lake, existing?.table));
      if (!existing) {
        setProgress('The stack is loading the event type …');
        const answer = await client.fetch(place, { method: 'POST', body: definition });
        if (!answer.ok) throw client.fault(answer.status, await answer.json());
        await untilServed(async () => {
          const { eventTypes } = await client.get<{
            readonly eventTypes: readonly { readonly name: string }[];
          }>('operations', '/v1/event-types');
          return eventTypes.some((one) => one.name === definition.name);
        });
      }
      const { texts, broken } = checkedTexts(eventTexts(await textOf(file)));
      setBroken(broken);
      let sent = 0;
      for (const batch of batchesOf(texts)) {
        await client.post(
          'ingest',
          `/v1/events/${definition.name}/batch`,
          `{"events":[${batch.join(',')}]}`,
        );
        sent += batch.length;
        setProgress(`${count(sent)} of ${plural(texts.length, 'event')} sent …`);
      }
      setProgress(`${plural(sent, 'event')} sent.`);
      setDone(true);
      onTaken(definition.name);
    } catch (fault) {
      setProgress(undefined);
      setError((fault as Error).message);
    }
  };
  const paths = inferred?.report.columns.map(({ path }) => path) ?? [];
  const fitting = existing ? undefined : fittingType(paths, known);
  const table = existing?.table ?? tableOf(inferred);
  const failed = isDone ? failedOf(lake, table) - failedBefore : 0;
  const proposalOf = (path: string): TypeProposal | undefined =>
    proposals.find((one) => one.path === path);
  const isUnique = (path: string): boolean =>
    inferred?.report.keyProposals.some((one) => one.path === path && one.unique) ?? false;
  const choose = (path: string, type: string): void => {
    const others = Object.entries(types).filter(([other]) => other !== path);
    setTypes(Object.fromEntries(type === '' ? others : [...others, [path, type]]));
  };
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => top.current?.scrollIntoView(), []);
  return (
    <div ref={top}>
      <Panel
        title={file.name}
        className="dropped"
        aside={
          <button type="button" class="icon" aria-label="Close" onClick={onClose}>
            ×
          </button>
        }
      >
        <div class="bar">
          <TextField label="Name of the event type" value={name} onInput={setName} required />
          {!existing && (
            <>
              <Select
                label="Key of look-ups"
                value={key}
                options={[
                  ['', `proposed: ${inferred?.report.key.path ?? '…'}`],
                  ...paths
                    .filter((path) => path === key || path !== inferred?.report.key.path)
                    .map((path) => [path, path] as const),
                ]}
                onChange={setKey}
              />
              <Select
                label="Identity of events"
                value={identity}
                options={[
                  ['', 'their position in the stream (an event sent twice is stored twice)'],
                  ...paths.map(
                    (path) => [path, isUnique(path) ? `${path}, unique here` : path] as const,
                  ),
                ]}
                onChange={setIdentity}
              />
            </>
          )}
          {client.config.eventTypes !== undefined && (
            <button
              type="button"
              class="primary"
              disabled={!inferred || progress !== undefined}
              onClick={() => void take()}
            >
              {existing ? `Send the events to ${existing.name}` : 'Create it and send the events'}
            </button>
          )}
        </div>
        <Fault message={error} />
        {fitting && !isDone && (
          <p>
            Its fields are those of the event type <code>{fitting.name}</code>.{' '}
            <button type="button" onClick={() => setName(fitting.name)}>
              Send the events to {fitting.name}
            </button>
          </p>
        )}
        {existing && !isDone && (
          <Notice
            message={`${existing.name} exists in version ${existing.version} and is not changed. Events that it refuses fail and are kept, to be fixed later; fields that it does not name go to the column unmapped.`}
          />
        )}
        <Notice
          message={
            broken.length > 0
              ? `${plural(broken.length, 'event')} of the file ${broken.length === 1 ? 'is' : 'are'} not JSON and left out: the ${broken.slice(0, 10).map(ordinal).join(', ')}${broken.length > 10 ? ' …' : ''}.`
              : undefined
          }
        />
        <div role="status">
          {progress !== undefined && (
            <p>
              <Pill tone={isDone ? 'good' : 'busy'}>{isDone ? 'done' : 'working'}</Pill> {progress}{' '}
              {isDone && (
                <>
                  <a href={pageUrl('live', { table })}>Watch them</a>, or{' '}
                  <a href={pageUrl('sql', { table })}>query them in SQL</a>.
                  {failed > 0 && (
                    <>
                      {' '}
                      <b>{plural(failed, 'event')} failed</b>:{' '}
                      <a href={pageUrl('failures', { table })}>see why, and fix them</a>.
                    </>
                  )}
                </>
              )}
            </p>
          )}
        </div>
        {inferred && !isDone && (
          <>
            <p class="quiet">
              {plural(inferred.report.events, 'event')} read
              {inferred.report.skipped.count > 0 &&
                `, ${plural(inferred.report.skipped.count, 'line')} left out: ${inferred.report.skipped.first
                  .map(({ line, reason }) => `line ${line} is ${reason}`)
                  .join('; ')}`}
              : {plural(inferred.report.columns.length, 'column')}.
              {client.config.eventTypes === undefined &&
                ' To adopt it, add the definition to libs/event-types and deploy.'}
            </p>
            <FactsTable label="Inferred columns">
              <thead>
                <tr>
                  <th scope="col">Field</th>
                  <th scope="col">Column</th>
                  <th scope="col">Type</th>
                  <th scope="col" class="number">
                    In events
                  </th>
                  <th scope="col">Why</th>
                </tr>
              </thead>
              <tbody>
                {inferred.report.columns.map(({ path, column, type, present, reason }) => (
                  <tr key={column}>
                    <th scope="row">
                      <code>
                        <Value text={path} most={60} />
                      </code>
                      {path === inferred.report.key.path && <Pill tone="good">key</Pill>}
                    </th>
                    <td>
                      <code>{column}</code>
                    </td>
                    <td>
                      {existing ? (
                        <code class="quiet">{columnType(existing, path)}</code>
                      ) : proposalOf(path) ? (
                        <TypeChoice
                          proposal={proposalOf(path)}
                          chosen={types[path] ?? ''}
                          onChange={(chosen) => choose(path, chosen)}
                        />
                      ) : (
                        <code class="quiet">{type}</code>
                      )}
                    </td>
                    <td class="number">{count(present)}</td>
                    <td class="quiet">
                      <Value text={existing ? '' : reason} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </FactsTable>
            {!existing &&
              inferred.report.warnings
                .filter((warning) => !inferred.report.columns.some((one) => isOf(warning, one)))
                .map((warning) => <Notice key={warning} message={warning} />)}
          </>
        )}
      </Panel>
    </div>
  );
}

/** Offers a choice between a column that holds every value and one of the type that most values have. */
function TypeChoice({
  proposal,
  chosen,
  onChange,
}: {
  readonly proposal: TypeProposal | undefined;
  readonly chosen: string;
  readonly onChange: (type: string) => void;
}) {
  if (!proposal) return null;
  const { path, type, fits, values, firstOther } = proposal;
  return (
    <>
      <select
        aria-label={`Type of ${path}`}
        value={chosen}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        <option value="">{fits < values ? 'text, which holds every value' : 'double'}</option>
        <option value={type}>{type}; events with another value fail</option>
      </select>
      <span class="quiet sub">
        {fits < values
          ? `${count(fits)} of ${plural(values, 'value')} ${fits === 1 ? 'is' : 'are'} ${type}`
          : `sums of ${type} are exact`}
        {firstOther !== undefined && `; the first other value is in line ${firstOther}`}
      </span>
    </>
  );
}

/** Reads the text of a file, which may be gzip'd. */
const textOf = (file: File): Promise<string> =>
  file.name.endsWith('.gz')
    ? new Response(file.stream().pipeThrough(new DecompressionStream('gzip'))).text()
    : file.text();

/** Returns `2nd` for 2. */
const ordinal = (place: number): string => {
  const ending = new Intl.PluralRules('en', { type: 'ordinal' }).select(place);
  return `${place}${{ one: 'st', two: 'nd', few: 'rd', other: 'th', zero: 'th', many: 'th' }[ending]}`;
};

const failedOf = (lake: LakeOverview | undefined, table: string | undefined): number =>
  lake?.tables.find((one) => one.table === table)?.failures.records ?? 0;

const columnType = ({ columns }: EventTypeFacts, path: string): string =>
  columns.find((column) => column.path === path)?.type ?? 'goes to unmapped';

/** Decides whether a warning repeats what the line of a column says. */
const isOf = (
  warning: string,
  { path, reason }: { readonly path: string; readonly reason: string },
): boolean => warning === `${path}: ${reason}`;

/** Returns the table of an inferred type. */
const tableOf = (inferred: Inferred | undefined): string | undefined =>
  inferred?.definition.table ?? inferred?.definition.name;

const patienceMs = 90_000;

/** Waits until a check succeeds. A stack that is restarting does not answer for a while. */
async function untilServed(check: () => Promise<boolean>): Promise<void> {
  const isServed = async (): Promise<true | undefined> =>
    (await check().catch(() => false)) || undefined;
  if (!(await pollUntil(isServed, { everyMs: 1_000, withinMs: patienceMs })))
    throw new Error('The stack does not serve the event type; its terminal says why.');
}
