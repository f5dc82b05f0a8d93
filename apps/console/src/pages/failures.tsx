import { useEffect, useState } from 'preact/hooks';
import type { PageProps } from './page-props';
import type { Client } from '../client';
import type {
  FailureGroup,
  Failures,
  JsonSchema,
  OperationRun,
  ReplayReport,
} from '../model/facts';
import { fieldOf } from '../model/live-filter';
import {
  draftOf,
  fixKinds,
  needsValue,
  stepOf,
  type FixDraft,
  type FixKind,
} from '../model/fix-draft';
import { age, count, dayAndTime, plural, size } from '../model/text';
import { untilEnded } from '../model/until-ended';
import { pageUrl } from '../model/address';
import { useClient, useLeaving, useLoaded, useNow } from '../ui/hooks';
import { Bars, Body, Empty, Fault, PageHead, Panel, Pill, Value } from '../ui/parts';
import type { SchemaChange } from './definitions';
import { SchemaChanges, TrySchema } from './try-schema';

const groupId = ({ table, kind, code, pointer = '', detail }: FailureGroup): string =>
  [table, kind, code, pointer, detail].join(' ');

/** Shows why records failed; fixes and replays them. */
export function FailuresPage({ query, lake, reloadLake }: PageProps) {
  const client = useClient();
  const now = useNow();
  const table = query.get('table') ?? undefined;
  const { value, error, reload } = useLoaded(
    () => client.get<Failures>('operations', '/v1/failures', { query: { table, samples: '5' } }),
    [client, table],
    client.config.mode === 'laptop' ? 3_000 : 20_000,
  );
  const [openId, setOpenId] = useState<string>();
  const groups = value?.groups ?? [];
  const opened = groups.find((group) => groupId(group) === openId) ?? groups[0];
  const times = groups.flatMap(({ series }) => series.map(({ atMs }) => atMs));
  const fromMs = Math.min(...times);
  const toMs = Math.max(...times);
  return (
    <>
      <PageHead
        title="Failures"
        about="Records that were accepted but could not become rows, by reason and location. The originals are kept."
      >
        {table !== undefined && (
          <a class="button" href={pageUrl('failures')}>
            {table} only ×
          </a>
        )}
      </PageHead>
      <Fault message={error} />
      {value && groups.length === 0 && (
        <Empty>
          <p>No record has failed.</p>
          <p class="quiet">
            To see one here, send an event that violates its schema from the page{' '}
            <a href={pageUrl('live')}>Live</a>.
          </p>
        </Empty>
      )}
      {value && groups.length > 0 && (
        <div class="split">
          <div>
            <p class="quiet summary">
              {plural(value.records - value.replayed, 'record')} to fix, {count(value.replayed)}{' '}
              replayed
              {value.objects > value.objectsRead &&
                `; in the newest ${count(value.objectsRead)} of ${count(value.objects)} objects`}
            </p>
            <ul class="groups">
              {groups.map((group) => {
                const open = group.records - group.replayed;
                return (
                  <li key={groupId(group)}>
                    <button
                      type="button"
                      aria-pressed={group === opened}
                      onClick={() => setOpenId(groupId(group))}
                    >
                      <span class="group-head">
                        <b class={open > 0 ? 'bad' : 'quiet'}>
                          {count(open > 0 ? open : group.records)}
                        </b>
                        <span class="group-title">
                          <code>{group.code}</code>
                          {group.pointer !== undefined && (
                            <code class="pointer">{group.pointer}</code>
                          )}
                        </span>
                        {open === 0 && <Pill tone="good">replayed</Pill>}
                      </span>
                      <span class="group-detail">{group.detail}</span>
                      <span class="group-foot">
                        <span>
                          {group.table} · {age(group.lastMs, now)} ago
                        </span>
                        <Bars
                          points={group.series.map(({ atMs, records }) => ({
                            atMs,
                            value: records,
                          }))}
                          fromMs={fromMs}
                          toMs={Math.max(toMs, fromMs + value.stepMs * 20)}
                          stepMs={value.stepMs}
                          label={`${plural(group.records, 'record')} from ${dayAndTime(group.firstMs)} to ${dayAndTime(group.lastMs)} UTC`}
                          tone="bad"
                        />
                      </span>
                    </button>
                  </li>
                );
              })}
            </ul>
          </div>
          {opened && (
            <OpenGroup
              key={groupId(opened)}
              group={opened}
              keyPath={lake?.tables.find((one) => one.table === opened.table)?.key}
              onChanged={() => {
                reload();
                reloadLake();
              }}
            />
          )}
        </div>
      )}
    </>
  );
}

/** Report of a dry run, with the changes by the schema that was tried, if any. */
type TriedReport = ReplayReport & { readonly changes?: readonly SchemaChange[] };

type Replay =
  | { readonly at: 'sending' }
  | { readonly at: 'sent'; readonly report: ReplayReport; readonly rowsBefore: number }
  | { readonly at: 'failed'; readonly message: string };

function OpenGroup({
  group,
  keyPath,
  onChanged,
}: {
  readonly group: FailureGroup;
  /** Path of the event type's key, once it is known. */
  readonly keyPath: string | undefined;
  readonly onChanged: () => void;
}) {
  const client = useClient();
  const [drafts, setDrafts] = useState<readonly FixDraft[]>(() => group.fixes.map(draftOf));
  const [tried, setTried] = useState<TriedReport>();
  const [asksForSchema, setAsksForSchema] = useState(false);
  const [replay, setReplay] = useState<Replay>();
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const signal = useLeaving();
  const open = group.records - group.replayed;
  const { table, code, pointer } = group;
  const request = {
    table,
    kind: group.kind,
    reason: { code, ...(pointer !== undefined && { pointer }) },
    ...(drafts.length > 0 && { fixes: drafts.map(stepOf) }),
  };
  const change = (index: number, draft: Partial<FixDraft>): void => {
    setTried(undefined);
    setDrafts(drafts.map((known, at) => (at === index ? { ...known, ...draft } : known)));
  };
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (fault) {
      setReplay(undefined);
      setError((fault as Error).message);
    } finally {
      setBusy(false);
    }
  };
  const tryOut = (schema?: JsonSchema): Promise<void> =>
    guarded(async () => {
      setTried(
        await client.post<TriedReport>('operations', '/v1/replays', {
          ...request,
          dryRun: true,
          ...(schema && { schema }),
        }),
      );
    });
  const send = (): Promise<void> =>
    guarded(async () => {
      setReplay({ at: 'sending' });
      // Counted before the replay, because the rows may arrive before the replay reports its end.
      const rowsBefore = await countRows(client, table);
      const { id } = await client.post<OperationRun>('operations', '/v1/replays', request);
      const { result, message = 'the replay failed' } = await untilEnded({
        ask: () => client.get<OperationRun<ReplayReport>>('operations', `/v1/replays/${id}`),
        hasEnded: ({ state }) => state === 'done' || state === 'failed',
        everyMs: 500,
        signal,
      });
      setReplay(result ? { at: 'sent', report: result, rowsBefore } : { at: 'failed', message });
      onChanged();
    });
  const wouldSend = tried?.groups.filter(({ verdict }) => verdict === 'sent') ?? [];
  const wouldStay = tried?.groups.filter(({ verdict }) => verdict !== 'sent') ?? [];
  return (
    <div class="opened">
      <Panel
        title={`${code}${pointer === undefined ? '' : ` at ${pointer}`}`}
        aside={
          <a class="quiet" href={pageUrl('event-types', { name: group.eventType })}>
            {group.eventType}
          </a>
        }
      >
        <p>{group.detail}</p>
        {open > 0 && (
          <div class="fix">
            <h3>Fix on the way</h3>
            {drafts.map((draft, index) => (
              <div class="fix-step" key={index}>
                <input
                  aria-label={`Location of step ${index + 1}, a JSON pointer`}
                  value={draft.at}
                  spellcheck={false}
                  onInput={(event) => change(index, { at: event.currentTarget.value })}
                />
                <select
                  aria-label={`What step ${index + 1} does`}
                  value={draft.kind}
                  onChange={(event) =>
                    change(index, { kind: event.currentTarget.value as FixKind })
                  }
                >
                  {fixKinds.map(([kind, text]) => (
                    <option key={kind} value={kind}>
                      {text}
                    </option>
                  ))}
                </select>
                {needsValue(draft.kind) && (
                  <input
                    aria-label={`Value of step ${index + 1}`}
                    value={draft.value}
                    placeholder={draft.kind === 'rename' ? 'new name' : 'JSON or text'}
                    spellcheck={false}
                    onInput={(event) => change(index, { value: event.currentTarget.value })}
                  />
                )}
                <button
                  type="button"
                  class="icon"
                  aria-label={`Remove step ${index + 1}`}
                  onClick={() => {
                    setTried(undefined);
                    setDrafts(drafts.filter((_, at) => at !== index));
                  }}
                >
                  ×
                </button>
              </div>
            ))}
            <div class="actions">
              <button
                type="button"
                onClick={() =>
                  setDrafts([...drafts, { at: pointer ?? '/', kind: 'set', value: '' }])
                }
              >
                Add a step
              </button>
              <button type="button" disabled={isBusy} onClick={() => void tryOut()}>
                Try it
              </button>
              <button
                type="button"
                class="primary"
                disabled={isBusy || wouldSend.length === 0 || tried?.changes !== undefined}
                onClick={() => void send()}
              >
                Replay {tried && !tried.changes ? plural(tried.sent, 'record') : ''}
              </button>
            </div>
            <p class="quiet hint">
              {tried
                ? wouldSend.length === 0
                  ? 'No record would become a row: add a step, or try another schema.'
                  : ''
                : drafts.length === 0
                  ? 'Without steps, records are sent unchanged, for instance after the schema was loosened.'
                  : 'Try it: nothing is sent until you replay.'}
            </p>
          </div>
        )}
        {open > 0 && (
          <details
            class="other-schema"
            onToggle={(event) => setAsksForSchema(event.currentTarget.open)}
          >
            <summary>Or try another schema</summary>
            {asksForSchema && (
              <TrySchema
                eventType={group.eventType}
                pointer={pointer ?? ''}
                isBusy={isBusy}
                onTry={(schema) => void tryOut(schema)}
              />
            )}
          </details>
        )}
        <Fault message={error} />
        <div aria-live="polite">
          {!replay && tried?.changes && (
            <SchemaChanges changes={tried.changes} eventType={group.eventType} />
          )}
          {replay?.at === 'sending' && <p>Sending the records back into their stream …</p>}
          {replay?.at === 'failed' && <Fault message={replay.message} />}
          {replay?.at === 'sent' && (
            <Sent
              report={replay.report}
              table={table}
              rowsBefore={replay.rowsBefore}
              sentKey={keyText(
                wouldSend[0]?.examples?.[0]?.body ?? group.samples[0]?.body,
                keyPath,
              )}
            />
          )}
          {!replay &&
            [...wouldSend, ...wouldStay].map((one, place) => (
              <div key={one.verdict + one.reason} class="tried">
                <p>
                  <Pill tone={one.verdict === 'sent' ? 'good' : 'bad'}>
                    {one.verdict === 'sent' ? 'would become rows' : 'would still fail'}
                  </Pill>{' '}
                  {plural(one.records, 'record')}
                  {one.verdict !== 'sent' && `: ${one.reason}`}
                </p>
                {(one.examples ?? []).slice(0, 2).map((example, index) => (
                  <div class="before-after" key={index}>
                    {example.before !== undefined && (
                      <div>
                        <h4>Before</h4>
                        <Body
                          text={example.before}
                          mark={pointer}
                          label={`Example ${place + 1}.${index + 1} before`}
                        />
                      </div>
                    )}
                    <div>
                      <h4>{example.before === undefined ? 'As it is' : 'After'}</h4>
                      <Body
                        text={example.body ?? ''}
                        mark={pointer}
                        label={`Example ${place + 1}.${index + 1} after`}
                      />
                    </div>
                  </div>
                ))}
              </div>
            ))}
        </div>
      </Panel>
      {!tried && (
        <Panel title="Samples">
          {group.samples.map((sample, index) => (
            <article key={sample.key + String(sample.line)} class="sample">
              <p class="quiet">
                {dayAndTime(sample.arrivedAtMs)} UTC · {size(sample.bytes)}
                {sample.isReplayed && (
                  <>
                    {' '}
                    <Pill tone="good">replayed</Pill>
                  </>
                )}
              </p>
              <Body text={sample.body} mark={pointer} label={`Record ${index + 1} that failed`} />
            </article>
          ))}
          {group.samples[0] && (
            <p class="quiet">
              In <Value text={group.samples[0].key} />
            </p>
          )}
        </Panel>
      )}
    </div>
  );
}

/** Returns the current number of rows of a table, including those of the last minutes. */
async function countRows(client: Client, table: string): Promise<number> {
  const { tables } = await client.get<{
    readonly tables: readonly { readonly table: string; readonly rows: number }[];
  }>('operations', '/v1/lake');
  return tables.find((one) => one.table === table)?.rows ?? 0;
}

/** Returns the key of a record as a text; undefined where it has none that a look-up takes. */
function keyText(body: string | undefined, path: string | undefined): string | undefined {
  if (body === undefined || path === undefined) return undefined;
  const key = fieldOf(body, path);
  return typeof key === 'string' || typeof key === 'number' ? String(key) : undefined;
}

/** Shows how replayed records become rows. */
function Sent({
  report,
  table,
  rowsBefore,
  sentKey,
}: {
  readonly report: ReplayReport;
  readonly table: string;
  readonly rowsBefore: number;
  /** Key of one of the records. */
  readonly sentKey: string | undefined;
}) {
  const client = useClient();
  const [rows, setRows] = useState(rowsBefore);
  useEffect(() => {
    let isOver = false;
    const look = async (): Promise<void> => {
      const found = await countRows(client, table);
      if (!isOver) setRows(found);
    };
    const lookAgain = (): void => void look().catch(() => undefined);
    lookAgain();
    const timer = setInterval(lookAgain, 1_500);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [client, table]);
  const became = Math.max(0, rows - rowsBefore);
  return (
    <div class="sent">
      <p>
        <Pill tone="good">sent</Pill> {plural(report.sent, 'record')} went back into the stream
        {report.left > 0 && `; ${plural(report.left, 'record')} stayed`}.
      </p>
      <p>
        {became > 0 ? (
          <>
            <Pill tone="good">rows</Pill> {table} has {plural(became, 'row')} more.{' '}
            <a href={pageUrl('look-up', { table, id: sentKey })}>Look one up</a>
          </>
        ) : (
          <>
            <Pill tone="busy">on the way</Pill> They become rows with the next delivery; a record
            that is a row already adds none.
          </>
        )}
      </p>
    </div>
  );
}
