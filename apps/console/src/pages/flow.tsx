import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageProps } from './page-props';
import { pageUrl } from '../model/address';
import { guideUrl } from '../model/guides';
import type { LakeOverview, TableOverview } from '../model/facts';
import { age, count, plural, shortCount, size, timeOfDay } from '../model/text';
import { Chart } from '../ui/chart';
import { useClient, useNow } from '../ui/hooks';
import type { MadeUpEvents } from '../ui/made-up';
import { arrivalRate, inStream, oldestInStream } from '../model/live-state';
import { useLive } from '../ui/live';
import { Bars, Empty, FactsTable, Fault, PageHead, Panel, Pill } from '../ui/parts';
import { CostPanel, seenCost, shortPrice } from './flow-cost';

const minuteMs = 60_000;
const shownMinutes = 60;

/** Shows the path of an event with the current activity of each part, and what needs attention. */
export function FlowPage({ live, lake, query, madeUp }: PageProps) {
  const client = useClient();
  const now = useNow();
  const state = useLive(live);
  const tables = lake?.tables ?? [];
  const sum = (of: (table: TableOverview) => number): number =>
    tables.reduce((total, table) => total + of(table), 0);
  const rate = arrivalRate(state, now);
  const waiting = inStream(state);
  const arrived = Object.values(state.counts).reduce((total, one) => total + one.arrived, 0);
  const failed = sum(({ failures }) => failures.records - failures.replayed);
  const lastDelivery = Math.max(0, ...tables.map(({ lastDeliveryMs = 0 }) => lastDeliveryMs));
  const lastCompaction = Math.max(0, ...tables.map(({ lastCompactionMs = 0 }) => lastCompactionMs));
  const compacted = sum(({ files }) => files.compacted);
  const { cost, isQuiet = true } = seenCost(tables, state, 1) ?? {};
  const costPanel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (query.get('show') !== 'cost') return;
    costPanel.current?.scrollIntoView();
    costPanel.current?.focus({ preventScroll: true });
  }, [query.get('show'), lake === undefined]);
  return (
    <>
      <PageHead title="Flow" about="What comes in, what becomes of it, and what is waiting." />
      <ol class="flow" aria-label="The path of an event">
        <Stage
          href={pageUrl('live')}
          name="Gateway"
          value={rate < 10 && rate > 0 ? rate.toFixed(1) : shortCount(rate)}
          unit="events/s"
          note={
            state.isConnected
              ? `${count(arrived)} since ${timeOfDay(state.sinceMs ?? now)}`
              : client.config.live === undefined
                ? 'counted by CloudWatch'
                : 'no answer'
          }
          isBusy={rate > 0}
        />
        <Stage
          href={pageUrl('live')}
          name="Stream"
          value={shortCount(waiting)}
          unit="in the stream"
          note={waiting === 0 ? 'everything is delivered' : 'waiting for delivery'}
          isBusy={waiting > 0}
        />
        <Stage
          href={pageUrl('flow')}
          name="Delivery"
          value={shortCount(sum(({ delivered }) => delivered.rowsPerMinute))}
          unit="rows/min"
          note={lastDelivery > 0 ? `last ${ago(lastDelivery, now)}` : 'nothing yet'}
          isBusy={lastDelivery > 0 && now - lastDelivery < 10_000}
        />
        <Stage
          href={pageUrl('days')}
          name="Raw files"
          value={shortCount(sum(({ backlog }) => backlog.files))}
          unit="wait for compaction"
          note={size(sum(({ backlog }) => backlog.bytes))}
          isBusy={sum(({ backlog }) => backlog.files) > 0}
        />
        <Stage
          href={pageUrl('days')}
          name="Lake"
          value={shortCount(sum(({ rows }) => rows))}
          unit="rows"
          note={
            lastCompaction > 0
              ? `${plural(compacted, 'file')}, compacted ${ago(lastCompaction, now)}`
              : 'nothing is compacted yet'
          }
          isBusy={lastCompaction > 0 && now - lastCompaction < 10_000}
        />
        <Stage
          href={pageUrl('failures')}
          name="Failed"
          value={shortCount(failed)}
          unit={failed === 1 ? 'record waits' : 'records wait'}
          note={`${count(sum(({ failures }) => failures.replayed))} replayed`}
          tone={failed > 0 ? 'bad' : undefined}
        />
        <Stage
          href={pageUrl('flow', { show: 'cost' })}
          name="Cost on AWS"
          value={cost ? `$${shortPrice(isQuiet ? cost.idlePerMonth : cost.perMillionEvents)}` : '–'}
          unit={isQuiet ? 'per month' : 'per million events'}
          note={isQuiet ? 'without events' : 'at this rate'}
        />
      </ol>
      {client.config.mode === 'laptop' && lake && (
        <Quiet
          isQuiet={rate === 0 && waiting === 0}
          eventTypes={tables.map(({ eventType }) => eventType)}
          madeUp={madeUp}
        />
      )}
      {client.config.cloudWatch && (
        <p class="ways-in quiet">
          Alarms are in CloudWatch:{' '}
          <a href={client.config.cloudWatch.alarms} target="_blank" rel="noreferrer">
            all alarms of the account
          </a>
          ,{' '}
          <a href={client.config.cloudWatch.dashboard} target="_blank" rel="noreferrer">
            the stage's dashboard
          </a>
          . Their <a href={guideUrl('README')}>runbooks</a> say what to do.
        </p>
      )}
      <Attention tables={tables} oldestInStreamMs={oldestInStream(state)} nowMs={now} />
      <Panel title="Rows delivered per minute" className="chart-panel">
        {lake ? <DeliveredChart lake={lake} /> : <div class="chart-space" />}
      </Panel>
      <Panel title="Event types">
        <FactsTable label="Event types and their state">
          <thead>
            <tr>
              <th scope="col">Event type</th>
              <th scope="col" class="number">
                Rows
              </th>
              <th scope="col" class="number">
                Rows/min
              </th>
              <th scope="col">Last hour</th>
              <th scope="col" class="number">
                Delivered
              </th>
              <th scope="col" class="number">
                Waiting
              </th>
              <th scope="col" class="number">
                Failed
              </th>
              <th scope="col" class="number">
                Days
              </th>
              <th scope="col" class="number">
                Size
              </th>
              <th scope="col" class="number">
                Compacted
              </th>
            </tr>
          </thead>
          <tbody>
            {[...tables]
              .sort((a, b) => b.rows - a.rows || (a.table < b.table ? -1 : 1))
              .map((table) => (
                <TableRow key={table.table} table={table} nowMs={now} atMs={lake?.atMs ?? now} />
              ))}
          </tbody>
        </FactsTable>
        {lake && tables.length === 0 && <Empty>There are no event types yet.</Empty>}
      </Panel>
      <div ref={costPanel} tabIndex={-1}>
        <CostPanel tables={tables} live={state} />
      </div>
    </>
  );
}

/** Explains how to send events where none come in, and starts or stops made-up ones. */
function Quiet({
  isQuiet,
  eventTypes,
  madeUp: { eventType, sent, error, begin, stop },
}: {
  readonly isQuiet: boolean;
  readonly eventTypes: readonly string[];
  readonly madeUp: MadeUpEvents;
}) {
  const [chosen, setChosen] = useState('');
  const offered = eventTypes.find((name) => name === chosen) ?? eventTypes[0] ?? '';
  if (eventType !== undefined)
    return (
      <p class="ways-in">
        <Pill tone="busy">made up</Pill> {plural(sent, 'event')} of {eventType} sent, made from its
        schema.{' '}
        <button type="button" onClick={stop}>
          Stop
        </button>
      </p>
    );
  if (!isQuiet && error === undefined) return null;
  return (
    <div class="ways-in">
      <Fault message={error} />
      No events are coming in.{' '}
      <button type="button" disabled={offered === ''} onClick={() => begin(offered)}>
        Send made-up events
      </button>{' '}
      of{' '}
      <select
        aria-label="Event type of made-up events"
        value={offered}
        onChange={(event) => setChosen(event.currentTarget.value)}
      >
        {eventTypes.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      . Or drop a file of your own events on any page, or{' '}
      <a href={pageUrl('live')}>write one yourself</a>.
    </div>
  );
}

const ago = (ms: number, nowMs: number): string => {
  const text = age(ms, nowMs);
  return text === 'now' ? text : `${text} ago`;
};

function Stage({
  href,
  name,
  value,
  unit,
  note,
  isBusy = false,
  tone,
}: {
  readonly href: string;
  readonly name: string;
  readonly value: string;
  readonly unit: string;
  readonly note: string;
  readonly isBusy?: boolean;
  readonly tone?: 'bad' | undefined;
}) {
  return (
    <li class={`stage ${isBusy ? 'busy' : ''} ${tone ?? ''}`}>
      <a href={href}>
        <span class="stage-name">{name}</span>
        <span class="stage-value">
          {value} <small>{unit}</small>
        </span>
        <span class="stage-note">{note}</span>
      </a>
    </li>
  );
}

function TableRow({
  table,
  nowMs,
  atMs,
}: {
  readonly table: TableOverview;
  readonly nowMs: number;
  readonly atMs: number;
}) {
  const { delivered, backlog, failures } = table;
  const open = failures.records - failures.replayed;
  const toMs = Math.floor(atMs / minuteMs) * minuteMs;
  return (
    <tr>
      <th scope="row">
        <a href={pageUrl('event-types', { name: table.eventType })}>{table.eventType}</a>
        <span class="quiet sub">by {table.key}</span>
      </th>
      <td class="number">{table.isExact ? count(table.rows) : `≥ ${count(table.rows)}`}</td>
      <td class="number">{shortCount(delivered.rowsPerMinute)}</td>
      <td class="spark">
        <Bars
          points={delivered.points.map(({ atMs: at, rows }) => ({ atMs: at, value: rows }))}
          fromMs={toMs - shownMinutes * minuteMs}
          toMs={toMs}
          stepMs={minuteMs}
          label={`${plural(
            delivered.points.reduce((sum, { rows }) => sum + rows, 0),
            'row',
          )} in the last hour`}
        />
      </td>
      <td class="number">{table.lastDeliveryMs ? ago(table.lastDeliveryMs, nowMs) : '–'}</td>
      <td class="number">
        {backlog.files === 0 ? (
          <span class="quiet">0</span>
        ) : (
          <a href={pageUrl('days', { table: table.table })}>{plural(backlog.files, 'file')}</a>
        )}
      </td>
      <td class="number">
        {open === 0 ? (
          <span class="quiet">0</span>
        ) : (
          <a class="bad" href={pageUrl('failures', { table: table.table })}>
            {count(open)}
          </a>
        )}
      </td>
      <td class="number">
        <a href={pageUrl('days', { table: table.table })}>{count(table.days)}</a>
      </td>
      <td class="number">{size(table.bytes)}</td>
      <td class="number">{table.lastCompactionMs ? ago(table.lastCompactionMs, nowMs) : '–'}</td>
    </tr>
  );
}

const knownTones = new Map<string, number>();

/** Returns the position of an event type's colour, which stays when other event types come and go. */
function toneOf(eventType: string): number {
  const tone = knownTones.get(eventType) ?? knownTones.size;
  knownTones.set(eventType, tone);
  return tone;
}

function DeliveredChart({ lake }: { readonly lake: LakeOverview }) {
  const toMs = Math.floor(lake.atMs / minuteMs) * minuteMs;
  const times = Array.from(
    { length: shownMinutes },
    (_, index) => toMs - (shownMinutes - 1 - index) * minuteMs,
  );
  const flowing = lake.tables.filter(({ delivered }) => delivered.points.length > 0);
  const total = flowing.reduce(
    (sum, { delivered }) => sum + delivered.points.reduce((rows, point) => rows + point.rows, 0),
    0,
  );
  if (flowing.length === 0)
    return (
      <Empty>Nothing was delivered in the last hour. Send a test event on the page Live.</Empty>
    );
  return (
    <Chart
      label={`${plural(total, 'row')} delivered between ${timeOfDay(times[0] ?? 0)} and ${timeOfDay(toMs)} UTC`}
      x={times.map((ms) => ms / 1_000)}
      series={flowing.map(({ eventType, delivered }) => {
        const rows = new Map(delivered.points.map((point) => [point.atMs, point.rows]));
        return {
          name: eventType,
          tone: toneOf(eventType),
          values: times.map((ms) => rows.get(ms) ?? 0),
        };
      })}
    />
  );
}

/** Ages of raw files, and of records in the stream, at which the page warns, like the alarms. */
const lateCompactionMs = 60 * minuteMs;
const lateDeliveryMs = 10 * minuteMs;

/** Lists what needs attention, with links to explanations; shows nothing where all is well. */
function Attention({
  tables,
  oldestInStreamMs,
  nowMs,
}: {
  readonly tables: readonly TableOverview[];
  /** Arrival of the oldest record that is in the stream; undefined where there is none. */
  readonly oldestInStreamMs: number | undefined;
  readonly nowMs: number;
}) {
  const lines: {
    readonly id: string;
    readonly tone: 'bad' | 'warn';
    readonly text: ComponentChildren;
  }[] = [];
  if (oldestInStreamMs !== undefined && nowMs - oldestInStreamMs > lateDeliveryMs)
    lines.push({
      id: 'delivery-late',
      tone: 'bad',
      text: (
        <>
          Events wait in the stream since {ago(oldestInStreamMs, nowMs)}. The runbook is{' '}
          <a href={guideUrl('delivery-late')}>delivery-late</a>.
        </>
      ),
    });
  for (const { table, eventType, failures, backlog, faults } of tables) {
    const open = failures.records - failures.replayed;
    if (open > 0)
      lines.push({
        id: `${table}-failed`,
        tone: 'warn',
        text: (
          <>
            <b>{plural(open, 'record')}</b> of {eventType} failed and{' '}
            {open === 1 ? 'waits' : 'wait'} to be fixed.{' '}
            <a href={pageUrl('failures', { table })}>See why</a>, or read the runbook{' '}
            <a href={guideUrl('error-output-growing')}>error-output-growing</a>.
          </>
        ),
      });
    if (backlog.oldestMs !== undefined && nowMs - backlog.oldestMs > lateCompactionMs)
      lines.push({
        id: `${table}-late`,
        tone: 'bad',
        text: (
          <>
            {eventType}: raw files wait for compaction since {ago(backlog.oldestMs, nowMs)}. The
            runbook is <a href={guideUrl('compaction-lagging')}>compaction-lagging</a>.
          </>
        ),
      });
    for (const fault of faults)
      lines.push({ id: `${table}-${fault}`, tone: 'bad', text: <>{fault}</> });
  }
  if (lines.length === 0) return null;
  return (
    <ul class="attention" aria-label="Needs attention">
      {lines.map(({ id, tone, text }) => (
        <li key={id} class={tone}>
          {text}
        </li>
      ))}
    </ul>
  );
}
