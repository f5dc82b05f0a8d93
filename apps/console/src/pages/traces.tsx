import { Fragment } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { PageProps } from './page-props';
import type { Client } from '../client';
import { duration, plural, timeOfDay } from '../model/text';
import { traceRows, type TraceRow, type TraceSpan } from '../model/trace-rows';
import { pageUrl } from '../model/address';
import { useClient, useLoaded } from '../ui/hooks';
import { Empty, Fault, PageHead, Panel, Pill, Select, TextField, Value } from '../ui/parts';

interface TraceSummary {
  readonly traceId: string;
  readonly name: string;
  readonly services: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
  readonly spans: number;
  readonly errors: number;
  readonly eventTypes: readonly string[];
}

const services = [
  'ingest-gateway',
  'event-stream',
  'firehose-transformer',
  'delivery',
  'lookup-api',
  'analytics',
  'operations',
];

/** Shows the newest traces, and the path of one event or request through the services. */
export function TracesPage({ query, lake }: PageProps) {
  const client = useClient();
  const [eventType, setEventType] = useState('');
  const [service, setService] = useState('');
  const [onlyErrors, setOnlyErrors] = useState(false);
  const given = query.get('find') ?? '';
  const [id, setId] = useState(given);
  useEffect(() => setId(given), [given]);
  const { value, error } = useLoaded(
    () =>
      read<{ readonly traces: readonly TraceSummary[] }>(client, '', {
        service,
        eventType,
        errors: onlyErrors ? '1' : '',
        id: id.trim(),
      }),
    [client, service, eventType, onlyErrors, id],
    2_000,
  );
  const traces = value?.traces ?? [];
  // What was looked for is shown at once.
  const openId = query.get('trace') ?? (id === '' ? undefined : traces[0]?.traceId);
  const names = (lake?.tables ?? []).map(({ eventType: name }) => name);
  return (
    <>
      <PageHead
        title="Traces"
        about="The path of an event from the gateway to its row, and of a look-up through S3."
      >
        <Select
          label="Event type"
          value={eventType}
          options={[['', 'all'], ...names.map((name) => [name, name] as const)]}
          onChange={setEventType}
        />
        <Select
          label="Service"
          value={service}
          options={[['', 'all'], ...services.map((name) => [name, name] as const)]}
          onChange={setService}
        />
        <TextField
          label="Id"
          value={id}
          onInput={setId}
          type="search"
          placeholder="trace, event or request"
        />
        <label class="check">
          <input
            type="checkbox"
            checked={onlyErrors}
            onChange={(event) => setOnlyErrors(event.currentTarget.checked)}
          />
          <span>Only with errors</span>
        </label>
      </PageHead>
      <Fault message={error} />
      {openId !== undefined && <OpenTrace traceId={openId} />}
      <Panel title="Newest" aside={<span class="quiet">in memory, since the stack started</span>}>
        {traces.length === 0 ? (
          <Empty>
            {value === undefined
              ? 'Loading …'
              : id.trim() === ''
                ? 'No traces match. Send a test event from the page Live; its row comes within seconds.'
                : 'None of the newest traces has this id. Only the first 50 events of a batch are recorded.'}
          </Empty>
        ) : (
          <ul class="traces">
            {traces.map((trace) => (
              <li key={trace.traceId}>
                <a
                  href={pageUrl('traces', { trace: trace.traceId })}
                  aria-current={trace.traceId === openId ? 'true' : undefined}
                >
                  <time>{timeOfDay(trace.startMs)}</time>
                  <span class="trace-name">
                    <Value text={trace.eventTypes[0] ?? trace.name} most={80} />
                  </span>
                  <span class="trace-services">
                    <Value text={trace.services.join(' → ')} most={160} />
                  </span>
                  <span class="number">{duration(trace.endMs - trace.startMs)}</span>
                  <span class="number quiet">{plural(trace.spans, 'span')}</span>
                  <span>{trace.errors > 0 && <Pill tone="bad">failed</Pill>}</span>
                </a>
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </>
  );
}

/** Shows one trace: a line for each span, with its time as a bar, and what is known of the span that is open. */
function OpenTrace({ traceId }: { readonly traceId: string }) {
  const client = useClient();
  const [openSpan, setOpenSpan] = useState<string>();
  const { value, error } = useLoaded(
    () => read<{ readonly spans: readonly TraceSpan[] }>(client, `/${traceId}`),
    [client, traceId],
    2_000,
  );
  const rows = traceRows(value?.spans ?? []);
  const startMs = Math.min(...rows.map(({ span }) => span.startMs));
  const endMs = Math.max(...rows.map(({ span }) => span.endMs));
  return (
    <Panel
      title="Trace"
      aside={
        rows.length > 0 && (
          <span class="quiet">
            <code>{traceId}</code>, {timeOfDay(startMs)} UTC, {duration(endMs - startMs)},{' '}
            <a href={pageUrl('traces')}>close</a>
          </span>
        )
      }
    >
      {rows.length === 0 && <Fault message={error} />}
      <ol class="waterfall" aria-label="Spans of the trace">
        {rows.map((row) => (
          <SpanLine
            key={row.span.spanId}
            row={row}
            afterMs={row.span.startMs - startMs}
            isOpen={openSpan === row.span.spanId}
            onToggle={() =>
              setOpenSpan((open) => (open === row.span.spanId ? undefined : row.span.spanId))
            }
          />
        ))}
      </ol>
    </Panel>
  );
}

/** Number of levels that are indented. */
const maxDepth = 8;

function SpanLine({
  row: { span, depth, from, share },
  afterMs,
  isOpen,
  onToggle,
}: {
  readonly row: TraceRow;
  readonly afterMs: number;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}) {
  const { service, name, startMs, endMs, attributes, error } = span;
  const color = services.indexOf(service) % 6;
  return (
    <li>
      <button type="button" aria-expanded={isOpen} onClick={onToggle}>
        <span class={`span-name depth-${Math.min(depth, maxDepth)}`}>
          <span class="quiet">
            <Value text={service} most={40} />
          </span>{' '}
          <Value text={name} most={80} />
          {error !== undefined && (
            <>
              {' '}
              <Pill tone="bad">failed</Pill>
            </>
          )}
        </span>
        <svg
          class={`span-bar ${error === undefined ? `c${color < 0 ? 0 : color}` : 'bad'}`}
          viewBox="0 0 100 10"
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          <line x1="0" y1="9.5" x2="100" y2="9.5" class="base" />
          <rect
            x={Math.min(99.5, from * 100)}
            y="1.5"
            width={Math.max(0.5, share * 100)}
            height="7"
          />
        </svg>
        <span class="number">
          {duration(endMs - startMs)}
          <span class="sub quiet">after {duration(afterMs)}</span>
        </span>
      </button>
      {isOpen && (
        <dl class="attributes">
          {error !== undefined && (
            <>
              <dt>failed</dt>
              <dd>
                <Value text={error === '' ? 'without a reason' : error} most={400} />
              </dd>
            </>
          )}
          {Object.entries(attributes).map(([key, value]) => (
            <Fragment key={key}>
              <dt>
                <Value text={key} most={80} />
              </dt>
              <dd>
                <Value text={String(value)} most={400} />
              </dd>
            </Fragment>
          ))}
        </dl>
      )}
    </li>
  );
}

/** Reads from the local receiver. @throws ApiError */
async function read<T>(
  client: Client,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<T> {
  const answer = await client.fetch(`${client.config.traces ?? ''}${path}`, { query });
  const body: unknown = await answer.json();
  if (!answer.ok) throw client.fault(answer.status, body);
  return body as T;
}
