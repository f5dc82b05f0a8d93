import { useState } from 'preact/hooks';
import { count, plural, size } from '../model/text';
import { Panel, Pill, Value } from '../ui/parts';

/** The plan that the look-up API explains. */
export interface Plan {
  readonly from: string;
  readonly to: string;
  readonly filesConsidered: number;
  readonly filesPruned: number;
  readonly days: readonly {
    readonly date: string;
    readonly sealed: boolean;
    readonly compactedFiles: number;
    readonly rawFiles: number;
    readonly prunedFiles: number;
    readonly readFiles: readonly {
      readonly key: string;
      readonly rowGroups: number;
      readonly prunedRowGroups: number;
      readonly rowsMatched: number;
    }[];
  }[];
  readonly lists: number;
  readonly gets: number;
  readonly bytesRead: number;
  readonly milliseconds: Readonly<Record<string, number>>;
  /** Missing in answers of earlier releases. */
  readonly requests?: readonly PlanRequest[];
  /** Number of further requests, which the answer does not name. */
  readonly requestsLeftOut?: number;
}

interface PlanRequest {
  readonly method: 'get' | 'list';
  readonly of: string;
  readonly range?: string;
  /** Milliseconds from the start of the look-up in the function. */
  readonly startMs: number;
  readonly endMs: number;
  readonly bytes?: number;
  readonly files?: number;
  readonly isSecond?: true;
  readonly outcome?: 'not there' | 'cancelled' | 'failed';
}

const dayMs = 86_400_000;

/** Shows what a look-up considered, skipped and read, and how it spent its time. */
export function PlanPanel({ plan, elapsed }: { readonly plan: Plan; readonly elapsed: number }) {
  const days = Math.round((Date.parse(plan.to) - Date.parse(plan.from)) / dayMs) + 1;
  const parts = Object.entries(plan.milliseconds);
  const inFunction = parts.reduce((sum, [, ms]) => sum + ms, 0);
  const all = [...parts, ['on the way', Math.max(0, elapsed - inFunction)] as const];
  const read = plan.days.flatMap(({ date, readFiles }) =>
    readFiles.map((file) => ({ date, ...file })),
  );
  return (
    <Panel title="Plan">
      <dl class="numbers">
        <div>
          <dt>Days</dt>
          <dd>
            {plan.from} to {plan.to}
          </dd>
        </div>
        <div>
          <dt>Files considered</dt>
          <dd>{count(plan.filesConsidered)}</dd>
        </div>
        <div>
          <dt>Pruned</dt>
          <dd>{count(plan.filesPruned)}</dd>
        </div>
        <div>
          <dt>Read</dt>
          <dd>{count(read.length)}</dd>
        </div>
        <div>
          <dt>S3 requests</dt>
          <dd>
            {plural(plan.lists, 'list')}, {plural(plan.gets, 'get')}
          </dd>
        </div>
        <div>
          <dt>Bytes read</dt>
          <dd>{size(plan.bytesRead)}</dd>
        </div>
      </dl>
      {plan.lists > 2 && days > 1 && (
        <p class="quiet">
          {plural(days, 'day')} were searched, by default the latest ones. A sealed day needs no
          list request, any other day one. Limit the days with “From day” and “To day”.
        </p>
      )}
      <div
        class="timeline"
        role="img"
        aria-label={all.map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`).join(', ')}
      >
        {all.map(([name, ms], index) => (
          <span
            key={name}
            class={`c${index + 1}`}
            style={{ flexGrow: String(Math.max(0.02, ms / Math.max(1, elapsed))) }}
          >
            <b>{name}</b> {ms.toFixed(ms < 10 ? 1 : 0)} ms
          </span>
        ))}
      </div>
      {plan.requests && plan.requests.length > 0 && (
        <Requests requests={plan.requests} leftOut={plan.requestsLeftOut ?? 0} />
      )}
      <ul class="files">
        {read.map(({ date, key, rowGroups, prunedRowGroups, rowsMatched }) => (
          <li key={key}>
            <div class="file-head">
              <code>{key.split('/').slice(-1)[0]}</code>
              <span class="quiet">
                {date}, {key.includes('/raw/') ? 'raw' : 'compacted'}
              </span>
              <Pill tone={rowsMatched > 0 ? 'good' : 'quiet'}>{plural(rowsMatched, 'row')}</Pill>
            </div>
            <div
              class="row-groups"
              role="img"
              aria-label={`${rowGroups - prunedRowGroups} of ${plural(rowGroups, 'row group')} read`}
            >
              {Array.from({ length: Math.min(120, rowGroups) }, (_, index) => (
                <i key={index} class={index < rowGroups - prunedRowGroups ? 'read' : ''} />
              ))}
              <span class="quiet">
                {rowGroups - prunedRowGroups} of {plural(rowGroups, 'row group')} read
              </span>
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Number of requests that are shown at first: the last ones, which are those that read rows. */
const shownRequests = 12;

/** Draws each request to S3 as a bar from its start to its end. */
function Requests({
  requests,
  leftOut,
}: {
  readonly requests: readonly PlanRequest[];
  readonly leftOut: number;
}) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? requests : requests.slice(-shownRequests);
  const endMs = Math.max(1, ...requests.map((request) => request.endMs));
  const hidden = requests.length - shown.length;
  return (
    <>
      <h3>Requests to S3, on a time line of {endMs.toFixed(0)} ms</h3>
      {hidden > 0 && (
        <button type="button" class="link" onClick={() => setWhole(true)}>
          Show {plural(hidden, 'earlier request')} too
        </button>
      )}
      <ol class="requests">
        {shown.map((request, index) => {
          const { method, of, range, startMs, endMs: end, outcome, isSecond } = request;
          const [, name = of] = /([^/]+\/[^/]*)$/.exec(of) ?? [];
          return (
            <li key={`${startMs} ${of} ${index}`}>
              <span class="request-name" title={of}>
                <b>{method}</b> <Value text={name} most={44} />
                {range !== undefined && <code class="quiet"> {rangeText(range)}</code>}
                {isSecond && (
                  <>
                    {' '}
                    <Pill tone="warn">sent a second time</Pill>
                  </>
                )}
                {outcome !== undefined && <span class="quiet"> {outcome}</span>}
              </span>
              <span class="request-bar" aria-hidden="true">
                <i
                  class={outcome === undefined ? method : 'none'}
                  style={{
                    marginLeft: `${(startMs / endMs) * 100}%`,
                    width: `max(2px, ${((end - startMs) / endMs) * 100}%)`,
                  }}
                />
              </span>
              <span class="request-time">
                {amountText(request)} <span class="quiet">at {startMs.toFixed(0)} ms,</span>{' '}
                {(end - startMs).toFixed(1)} ms
              </span>
            </li>
          );
        })}
      </ol>
      {leftOut > 0 && <p class="quiet">{plural(leftOut, 'further request')} are not named.</p>}
    </>
  );
}

const rangeText = (range: string): string =>
  range.startsWith('-') ? `the last ${count(Number(range.slice(1)))} bytes` : `bytes ${range}`;

const amountText = ({ bytes, files }: PlanRequest): string =>
  bytes !== undefined ? size(bytes) : files !== undefined ? plural(files, 'file') : '';
