import { Component } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PageProps } from './page-props';
import type { EventTypeFacts, LiveRecord, RowObject } from '../model/facts';
import { sampleEvent, withNewIdentity } from '../model/sample-event';
import { compactJson, count, duration, plural, size, timeOfDay } from '../model/text';
import { pageUrl } from '../model/address';
import { useAddressed, useClient, useEventTypes, useLoaded, useNow } from '../ui/hooks';
import { liveFilter, newestThat } from '../model/live-filter';
import { arrivalRate } from '../model/live-state';
import { useLive } from '../ui/live';
import {
  Body,
  Empty,
  Fault,
  PageHead,
  Panel,
  Pill,
  Select,
  TextField,
  Value,
  type Tone,
} from '../ui/parts';

/**
 * Largest number of events in the list: while it moves about a screenful, because each of them is drawn and gone within
 * a second when many arrive; paused, more.
 */
const shownRecords = { moving: 50, paused: 200 };

const tones: Readonly<Record<LiveRecord['state'], Tone>> = {
  'in the stream': 'busy',
  delivered: 'good',
  failed: 'bad',
};
const words: Readonly<Record<LiveRecord['state'], string>> = {
  'in the stream': 'in the stream',
  delivered: 'row',
  failed: 'failed',
};

/** Shows events as they arrive and the outcome of each, and sends test events. */
export function LivePage({ live, query, lake }: PageProps) {
  const client = useClient();
  const now = useNow();
  const state = useLive(live);
  const [table, setTable] = useAddressed(query, 'table');
  const [text, setText] = useState('');
  const [paused, setPaused] = useState<typeof state>();
  const [openId, setOpenId] = useState<number>();
  const isLaptop = client.config.live !== undefined;
  const shownState = paused ?? state;
  const shown = useMemo(() => {
    const fits = liveFilter(text);
    return newestThat(
      shownState.records,
      (one) => (table === '' || one.table === table) && fits(one),
      paused ? shownRecords.paused : shownRecords.moving,
    );
  }, [shownState, table, text, paused]);
  const toggle = useCallback(
    (id: number) => setOpenId((open) => (open === id ? undefined : id)),
    [],
  );
  const tables = (lake?.tables ?? []).map((one) => one.table);
  return (
    <>
      <PageHead
        title="Live"
        about={
          isLaptop
            ? 'Events as they arrive, with the outcome of each.'
            : 'The latest rows of an event type, from its newest files.'
        }
      >
        <Select
          label="Event type"
          value={table}
          options={[
            ...(isLaptop ? ([['', 'all']] as const) : []),
            ...tables.map((name) => [name, name] as const),
          ]}
          onChange={setTable}
        />
        {isLaptop && (
          <>
            <TextField
              label="Contains"
              value={text}
              onInput={setText}
              type="search"
              placeholder="text, or user.id=u-17"
            />
            <button
              type="button"
              aria-pressed={paused !== undefined}
              onClick={() => setPaused(paused ? undefined : state)}
            >
              {paused ? 'Resume' : 'Pause'}
            </button>
          </>
        )}
      </PageHead>
      <div class="split live">
        <div>
          {isLaptop ? (
            <Panel
              title="Events"
              aside={
                <span class="quiet">
                  {arrivalRate(state, now).toFixed(1)} per second
                  {shownState.skipped > 0 &&
                    `, ${count(shownState.skipped)} not shown individually`}
                </span>
              }
            >
              {shown.length === 0 ? (
                <Empty>
                  {state.records.length === 0
                    ? 'Nothing has arrived since the start. Send a test event.'
                    : 'None of the latest events match.'}
                </Empty>
              ) : (
                <ul class="feed">
                  {shown.map((record) => (
                    <FeedRow
                      key={record.id}
                      record={record}
                      isOpen={record.id === openId}
                      onToggle={toggle}
                    />
                  ))}
                </ul>
              )}
              {!paused && shown.length === shownRecords.moving && (
                <p class="quiet">The newest {shown.length}. Pause to see more of them.</p>
              )}
            </Panel>
          ) : (
            <LatestRows table={table === '' ? tables[0] : table} />
          )}
        </div>
        <TestEvent wanted={table} lake={lake} onSent={() => setPaused(undefined)} />
      </div>
    </>
  );
}

interface FeedRowProps {
  readonly record: LiveRecord;
  readonly isOpen: boolean;
  readonly onToggle: (id: number) => void;
}

/** One event of the feed. It is drawn again only when it changed, because many events arrive each second. */
class FeedRow extends Component<FeedRowProps> {
  override shouldComponentUpdate({ record, isOpen }: FeedRowProps): boolean {
    return record !== this.props.record || isOpen !== this.props.isOpen;
  }

  override render({ record, isOpen, onToggle }: FeedRowProps) {
    return (
      <li>
        <button type="button" aria-expanded={isOpen} onClick={() => onToggle(record.id)}>
          <time>{timeOfDay(record.arrivedMs)}</time>
          <Pill tone={tones[record.state]}>{words[record.state]}</Pill>
          <span class="feed-table">{record.table}</span>
          <span class="feed-body">
            <Value text={compactJson(record.body.slice(0, 2_000))} most={180} />
          </span>
        </button>
        {isOpen && <OpenRecord record={record} />}
      </li>
    );
  }
}

function OpenRecord({ record }: { readonly record: LiveRecord }) {
  const { fault, state, settledMs, arrivedMs, bytes, table, body, isCut, traceId } = record;
  return (
    <div class="feed-open">
      <p>
        {size(bytes)}, arrived {timeOfDay(arrivedMs)} UTC
        {settledMs !== undefined &&
          `, ${state === 'failed' ? 'failed' : 'a row'} after ${duration(settledMs - arrivedMs)}`}
        {isCut && '; the beginning of it:'}
      </p>
      {fault && (
        <p>
          <code>{fault.code}</code> at <code>{fault.pointer}</code>: {fault.detail}.{' '}
          <a href={pageUrl('failures', { table })}>Mend it</a>
        </p>
      )}
      {traceId !== undefined && (
        <p>
          <a href={pageUrl('traces', { trace: traceId })}>Its trace</a>
        </p>
      )}
      {state === 'delivered' && (
        <p>
          <a href={pageUrl('look-up', { table })}>Look up its row</a>
        </p>
      )}
      <Body text={body} mark={fault?.pointer} label="The event as it was sent" />
    </div>
  );
}

/** Shows the latest rows of a table, from the operations API. */
function LatestRows({ table }: { readonly table: string | undefined }) {
  const client = useClient();
  const { value, error } = useLoaded(
    table === undefined
      ? undefined
      : () =>
          client.get<{ readonly rows: readonly RowObject[]; readonly isExact: boolean }>(
            'operations',
            `/v1/lake/${table}/rows`,
            { query: { limit: '20' } },
          ),
    [client, table],
    client.config.mode === 'laptop' ? 5_000 : 15_000,
  );
  return (
    <Panel title="Latest rows">
      <Fault message={error} />
      {value?.rows.length === 0 && <Empty>There are no rows yet.</Empty>}
      <ul class="rows">
        {value?.rows.map((row, index) => (
          <li key={index}>
            <details>
              <summary>
                <Value text={JSON.stringify(row)} most={180} />
              </summary>
              <Body text={JSON.stringify(row)} label={`Row ${index + 1}`} />
            </details>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Sends an event that is made from the schema and can be edited first. */
function TestEvent({
  wanted,
  lake,
  onSent,
}: {
  readonly wanted: string;
  readonly lake: PageProps['lake'];
  readonly onSent: () => void;
}) {
  const client = useClient();
  const types = useEventTypes(lake);
  const eventTypes = types.value?.eventTypes ?? [];
  const [name, setName] = useState('');
  const chosen =
    eventTypes.find((one) => one.name === name) ??
    eventTypes.find((one) => one.table === wanted) ??
    eventTypes.find((one) => one.name === 'product_event') ??
    eventTypes[0];
  const [text, setText] = useState('');
  const [result, setResult] = useState<{ readonly isTaken: boolean; readonly message: string }>();
  const [checks, setChecks] = useState(true);
  const area = useRef<HTMLTextAreaElement>(null);
  const make = (): void => {
    if (!chosen) return;
    setText(
      JSON.stringify(
        sampleEvent(chosen, { uuid: () => crypto.randomUUID(), nowMs: Date.now() }),
        undefined,
        2,
      ),
    );
    setResult(undefined);
  };
  useEffect(make, [chosen?.name, chosen?.version]);
  const send = async (): Promise<void> => {
    if (!chosen) return;
    try {
      // A batch is checked by the transformer and not by the gateway, so that an invalid event fails and is kept.
      if (checks) await client.post('ingest', `/v1/events/${chosen.name}`, text);
      else await client.post('ingest', `/v1/events/${chosen.name}/batch`, `{"events":[${text}]}`);
      setResult({ isTaken: true, message: 'The event is in the stream; watch it become a row.' });
      setText(withNewIdentity(text, chosen.identity, () => crypto.randomUUID()));
      onSent();
    } catch (error) {
      setResult({ isTaken: false, message: (error as Error).message });
    }
  };
  return (
    <Panel title="Send a test event" className="test-event">
      <Fault message={types.error} />
      <form
        // The gateway checks the event; a browser would refuse without a word what its folded fields hold.
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Select
          label="Event type"
          value={chosen?.name ?? ''}
          options={eventTypes.map((one) => [one.name, one.name] as const)}
          onChange={setName}
        />
        {chosen && <Fields eventType={chosen} text={text} onText={setText} />}
        <label class="field">
          <span>Event as JSON</span>
          <textarea
            ref={area}
            rows={Math.min(22, text.split('\n').length + 1)}
            value={text}
            spellcheck={false}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setResult(undefined);
            }}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={checks}
            onChange={(event) => setChecks(event.currentTarget.checked)}
          />
          <span>
            Let the gateway check it. Otherwise an invalid event fails later and is shown under
            Failures.
          </span>
        </label>
        <div class="actions">
          <button type="submit" class="primary" disabled={!chosen || text === ''}>
            Send
          </button>
          <button type="button" onClick={make}>
            Make another
          </button>
        </div>
        <div aria-live="polite">
          {result &&
            (result.isTaken ? (
              <p>
                <Pill tone="good">taken</Pill> {result.message}
              </p>
            ) : (
              <Fault message={result.message} />
            ))}
        </div>
      </form>
    </Panel>
  );
}

/** Shows fields for the simple members of an event, beside its JSON. */
function Fields({
  eventType,
  text,
  onText,
}: {
  readonly eventType: EventTypeFacts;
  readonly text: string;
  readonly onText: (text: string) => void;
}) {
  let event: Readonly<Record<string, unknown>>;
  try {
    event = JSON.parse(text) as typeof event;
  } catch {
    return <p class="quiet hint">The JSON below can't be read yet.</p>;
  }
  const simple = Object.entries(event).filter(([, value]) => typeof value !== 'object');
  const set = (name: string, value: unknown): void =>
    onText(JSON.stringify({ ...event, [name]: value }, undefined, 2));
  return (
    <details class="form-fields">
      <summary>{plural(simple.length, 'simple member')} as a form</summary>
      {simple.map(([name, value]) => {
        const described = eventType.schema.properties?.[name]?.description;
        return typeof value === 'boolean' ? (
          <label class="check" key={name}>
            <input
              type="checkbox"
              checked={value}
              onChange={(change) => set(name, change.currentTarget.checked)}
            />
            <span>{name}</span>
          </label>
        ) : (
          <TextField
            key={name}
            label={described === undefined ? name : `${name}: ${described}`}
            type={typeof value === 'number' ? 'number' : 'text'}
            value={String(value)}
            onInput={(given) => set(name, typeof value === 'number' ? Number(given) : given)}
          />
        );
      })}
    </details>
  );
}
