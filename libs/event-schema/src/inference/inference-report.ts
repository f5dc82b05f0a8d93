import type { LeftOutField } from './choose-columns';
import type { KeyProposal, TimeProposal } from './propose-fields';

/** Why the inferred definition is what it is: plain data; {@link renderInferenceReport} makes sentences of it. */
export interface InferenceReport {
  readonly name: string;
  readonly events: number;
  /** Texts that are no event: not JSON, or not an object. The first few of them with their lines. */
  readonly skipped: {
    readonly count: number;
    readonly first: readonly { readonly line: number; readonly reason: string }[];
  };
  readonly key: {
    readonly path: string;
    readonly chosenBy: 'caller' | 'inference' | 'fallback';
  };
  readonly columns: readonly {
    readonly path: string;
    readonly column: string;
    /** As in the Glue table. */
    readonly type: string;
    readonly required: boolean;
    readonly nullable: boolean;
    /** Events that have the field. */
    readonly present: number;
    readonly reason: string;
  }[];
  readonly leftOut: readonly LeftOutField[];
  /** Names that were not looked at because the shape is too big, or too long; their values go to `unmapped`. */
  readonly untracked: readonly { readonly path: string; readonly occurrences: number }[];
  readonly warnings: readonly string[];
  readonly keyProposals: readonly KeyProposal[];
  readonly timeProposals: readonly TimeProposal[];
  /** Text fields of few values. No `enum` is inferred: it would refuse the value that comes tomorrow. */
  readonly enumProposals: readonly {
    readonly path: string;
    readonly values: readonly { readonly value: string; readonly count: number }[];
  }[];
}

/** Lines of a section; the report as data has all. */
const maxLines = 20;
const maxColumnLines = 60;

export function renderInferenceReport(report: InferenceReport): string {
  const { name, events, skipped, key, columns } = report;
  const sections: (readonly string[])[] = [
    [
      `${name}: ${columns.length} columns from ${events} events` +
        (skipped.count ? `, ${skipped.count} texts skipped` : ''),
      ...skipped.first.map(({ line, reason }) => `  line ${line}: ${reason}`),
    ],
    [`Key: ${key.path} (${keyReasons[key.chosenBy]})`],
    listed('Could be keys', report.keyProposals, ({ path, distinct, exact, unique }) =>
      unique
        ? `${path}: unique${exact ? '' : ' in a sample'}`
        : `${path}: ${exact ? '' : 'about '}${distinct} distinct values in ${events} events`,
    ),
    listed('Could be the time', report.timeProposals, ({ path, kind }) => `${path}: ${kind}`),
    listed('Warnings', report.warnings, (warning) => warning),
    listed(
      'Left to "unmapped"',
      report.leftOut,
      ({ path, reason, present }) => `${path || '""'}: ${reason} (in ${present} events)`,
    ),
    listed(
      'Not looked at, left to "unmapped"',
      report.untracked,
      ({ path, occurrences }) => `${occurrences} members of ${path || 'the event'}`,
    ),
    listed(
      'Few values (no enum is set: it would refuse new ones)',
      report.enumProposals,
      ({ path, values }) =>
        `${path}: ${values.map(({ value }) => JSON.stringify(value)).join(', ')}`,
    ),
    listed(
      'Columns',
      columns,
      ({ column, type, present, reason }) =>
        `${column} ${type}: ${reason}` + (present < events ? ` (in ${present} events)` : ''),
      maxColumnLines,
    ),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

const keyReasons = {
  caller: 'as asked for',
  inference: 'the best of the fields that could be keys',
  fallback:
    'no field is in every event and nearly unique, so look-ups go by the id that Sluice gives',
};

function listed<T>(
  title: string,
  items: readonly T[],
  line: (item: T) => string,
  limit = maxLines,
): readonly string[] {
  if (items.length === 0) return [];
  const lines = items.slice(0, limit).map((item) => `  ${line(item)}`);
  const more = items.length - lines.length;
  return [title, ...lines, ...(more > 0 ? [`  and ${more} more`] : [])];
}
