import { shellCommand, shortened, wrapText } from '@sluice/terminal';
import { countText, spanText } from '@sluice/values/figures';
import { dataDirOption } from '../shown-commands';

/** The displayed part of the operations API's answer to `GET /v1/lake`. Times are in milliseconds since 1970. */
export interface LakeStatus {
  readonly atMs: number;
  readonly tables: readonly TableStatus[];
}

interface TableStatus {
  readonly eventType: string;
  readonly rows: number;
  readonly isExact: boolean;
  readonly days: number;
  readonly lastDeliveryMs?: number | undefined;
  readonly lastCompactionMs?: number | undefined;
  readonly backlog: { readonly rows: number };
  readonly delivered: { readonly rowsPerMinute: number };
  readonly late?: { readonly minutes: number; readonly hours: number; readonly days: number };
  readonly failures: {
    readonly records: number;
    readonly replayed: number;
    readonly isExact: boolean;
  };
  readonly faults: readonly string[];
}

const nameWidth = 22;

/**
 * Writes the state of a lake in lines of at most 79 characters, beginning with a table of event types.
 *
 * @param dataDir of the local stack; undefined for a deployed stage
 */
export function renderStatus({ atMs, tables }: LakeStatus, dataDir?: string): string {
  if (tables.length === 0) return 'The lake has no event types.';
  const age = (ms: number | undefined): string =>
    ms === undefined ? 'never' : spanText(atMs - ms);
  const row = (name: string, ...cells: readonly string[]): string =>
    [
      shortened(name, nameWidth).padEnd(nameWidth),
      ...cells.map((cell, index) => cell.padStart(widths[index] ?? 0)),
    ].join(' ');
  const open = ({ failures }: TableStatus): number => failures.records - failures.replayed;
  const lines = tables.map((table) =>
    row(
      table.eventType,
      count(table.rows, table.isExact),
      count(Math.round(table.delivered.rowsPerMinute)),
      count(table.backlog.rows),
      count(open(table), table.failures.isExact),
      count(table.days),
      age(table.lastDeliveryMs),
      age(table.lastCompactionMs),
    ),
  );
  const late = tables.flatMap(({ eventType, late: of }) => {
    const spans = Object.entries(of ?? {}).filter(([, rows]) => rows > 0);
    const texts = spans.map(([span, rows]) => `${count(rows)} by ${span}`);
    return texts.length > 0 ? [`${shortened(eventType, nameWidth)} late: ${texts.join(', ')}`] : [];
  });
  const faults = tables.flatMap(({ eventType, faults }) =>
    faults.map((fault) => wrapText(`${eventType}: ${fault}`, { rest: '  ', columns: 79 })),
  );
  return [
    row('', 'rows', 'per min', 'waiting', 'failed', 'days', 'row', 'compacted'),
    ...lines,
    '',
    'waiting: rows that no compacted file holds yet: look-ups and <table>_raw do',
    'row, compacted: how long ago the last one was',
    ...(tables.some((table) => open(table) > 0)
      ? [`failed: see each with\n${seeFailed(dataDir)}`]
      : []),
    ...(late.length > 0
      ? ['late: events that arrived over a minute, an hour, a day after their own time']
      : []),
    ...late,
    ...faults,
  ].join('\n');
}

const seeFailed = (dataDir: string | undefined): string =>
  dataDir === undefined
    ? '  docs/runbooks/error-output-growing.md'
    : shellCommand(
        [
          ['npm', 'run', 'lake', '--', 'replay'],
          ['--event', 'NAME'],
          ...dataDirOption(dataDir),
          '--dry-run',
        ],
        { columns: 79 },
      );

const widths = [10, 7, 7, 7, 5, 5, 9];

/** Writes a count; a plus follows where the true value may be larger. */
const count = (value: number, isExact = true): string =>
  (value < 100_000_000 ? countText(value) : `${Math.round(value / 1e6)}M`).slice(0, 10) +
  (isExact ? '' : '+');
