import { measuredText } from '@sluice/values/figures';
import type { TypeProposal } from './asked-type';
import type { LeftOutField } from './choose-columns';
import type { IndexProposal, KeyProposal, TimeProposal } from './propose-fields';
import type { PrivacyProposal } from './propose-privacy';

/** Reasons for an inferred definition, as plain data; {@link renderInferenceReport} turns them into sentences. */
export interface InferenceReport {
  readonly name: string;
  readonly events: number;
  /**
   * Texts that are not events, because they are not JSON or not an object; the first few are listed with their lines.
   */
  readonly skipped: {
    readonly count: number;
    readonly first: readonly { readonly line: number; readonly reason: string }[];
  };
  readonly key: {
    readonly path: string;
    readonly chosenBy: 'caller' | 'inference' | 'fallback';
  };
  /** Path of the identity; undefined if the position in the stream distinguishes events. */
  readonly identity: string | undefined;
  /** Path of the time of the event; undefined if only its arrival is known. */
  readonly time: string | undefined;
  readonly columns: readonly {
    readonly path: string;
    readonly column: string;
    /** Type of the column in the Glue table. */
    readonly type: string;
    readonly required: boolean;
    readonly nullable: boolean;
    /** Number of events that have the field. */
    readonly present: number;
    readonly reason: string;
  }[];
  readonly leftOut: readonly LeftOutField[];
  /**
   * Names that were not examined, because there are too many or the name is too long; their values go to `unmapped`.
   */
  readonly untracked: readonly { readonly path: string; readonly occurrences: number }[];
  /** Types that most values of fields have whose others keep them from having it, so that they are text. */
  readonly typeProposals: readonly TypeProposal[];
  readonly warnings: readonly string[];
  readonly keyProposals: readonly KeyProposal[];
  readonly timeProposals: readonly TimeProposal[];
  readonly indexProposals: readonly IndexProposal[];
  readonly privacyProposals: readonly PrivacyProposal[];
  /**
   * Text fields with few values. No `enum` is inferred, because it would refuse a value that first appears tomorrow.
   */
  readonly enumProposals: readonly {
    readonly path: string;
    readonly values: readonly { readonly value: string; readonly count: number }[];
  }[];
}

/** Largest number of lines in a section. The report as data has all of them. */
const maxLines = 20;
const maxColumnLines = 60;

/** Writes a report as text. @param isWhole lists everything, however long; meant for a file */
export function renderInferenceReport(report: InferenceReport, isWhole = false): string {
  const { name, events, skipped, key, columns } = report;
  const listedUpTo = <T>(
    title: string,
    items: readonly T[],
    line: (item: T) => string,
    limit = maxLines,
  ): readonly string[] => listed(title, items, line, isWhole ? Infinity : limit);
  const sections: (readonly string[])[] = [
    [
      `${name}: ${columns.length} columns from ${events} events` +
        (skipped.count ? `, ${skipped.count} texts skipped` : ''),
      ...skipped.first.map(({ line, reason }) => `  line ${line}: ${reason}`),
    ],
    [
      `Key: ${key.path} (${keyReasons[key.chosenBy]})`,
      `Identity: ${report.identity ?? 'none (an event that is posted twice is there twice)'}`,
      `Time: ${report.time ?? 'none (no field of every event is a time)'}`,
    ],
    listedUpTo('Could be keys', report.keyProposals, ({ path, distinct, exact, unique }) =>
      unique
        ? `${path}: unique${exact ? '' : ' in a sample'}`
        : `${path}: ${exact ? '' : 'about '}${distinct} distinct values in ${events} events`,
    ),
    listedUpTo('Could be the time', report.timeProposals, ({ path, kind }) => `${path}: ${kind}`),
    listedUpTo(
      'Could be indexes, to find rows by as by the key ("indexes" of the definition; none is set)',
      report.indexProposals,
      ({ path, distinct, exact, eventsPerValue }) =>
        `${path}: ${exact ? '' : 'about '}${distinct} distinct values, ${measuredText(eventsPerValue)} events each`,
    ),
    listedUpTo(
      'Seem to tell of people ("privacy" of the definition; none is set)',
      report.privacyProposals,
      ({ path, rule, reason }) => `${path}: ${rule}, ${reason}`,
    ),
    listedUpTo(
      "Could have a type, if the other values' events may fail (none is set)",
      report.typeProposals,
      typeProposalText,
    ),
    listedUpTo('Warnings', report.warnings, (warning) => warning),
    listedUpTo(
      'Left to "unmapped"',
      report.leftOut,
      ({ path, reason, present }) => `${path || '""'}: ${reason} (in ${present} events)`,
    ),
    listedUpTo(
      'Not looked at, left to "unmapped"',
      report.untracked,
      ({ path, occurrences }) => `${occurrences} members of ${path || 'the event'}`,
    ),
    listedUpTo(
      'Few values (no enum is set: it would refuse new ones)',
      report.enumProposals,
      ({ path, values }) =>
        `${path}: ${values.map(({ value }) => JSON.stringify(value)).join(', ')}`,
    ),
    listedUpTo(
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

/**
 * Limits of the summary: columns of a line, entries of a list, and warnings. They fit a terminal of the usual size
 * with some room.
 */
const [summaryColumns, summaryLists, summaryWarnings] = [80, 6, 3];

/**
 * Writes the report for one screen of 80 columns: what was chosen, and how much more the whole report says.
 *
 * @param source origin of the events, as a person calls it
 * @param definitionFile where the definition was written
 * @param reportFile where the whole report was written
 * @param identityAdvice how to get an identity, shown where none was chosen
 * @param typeAdvice how to give a field the type that most of its values have
 */
export function renderInferenceSummary(
  report: InferenceReport,
  {
    source,
    definitionFile,
    reportFile,
    identityAdvice,
    typeAdvice,
  }: {
    readonly source: string;
    readonly definitionFile: string;
    readonly reportFile: string;
    readonly identityAdvice?: string;
    readonly typeAdvice?: (proposal: TypeProposal) => string;
  },
): string {
  const { name, events, skipped, key, columns, leftOut, untracked, warnings } = report;
  const { indexProposals, privacyProposals, typeProposals } = report;
  const chosen = (what: string, path: string | undefined, otherwise: string): readonly string[] =>
    wrapped(`  ${what.padEnd(9)} ${path ?? `none: ${otherwise}`}`);
  const counts = [
    ...(skipped.count > 0 ? [`${skipped.count} texts skipped`] : []),
    ...(leftOut.length + untracked.length > 0
      ? [`${leftOut.length + untracked.length} fields left to "unmapped"`]
      : []),
  ];
  const list = wrapped(
    `  columns   ${columns.map(({ column, type }) => `${column} ${type}`).join(', ')}`,
  );
  return [
    ...wrapped(`${name}: ${columns.length} columns from ${events} events of ${source}`),
    ...wrapped(`  key       ${key.path} (${keyReasons[key.chosenBy]})`),
    ...chosen(
      'identity',
      report.identity,
      [
        'an event that is posted twice is there twice',
        ...(identityAdvice === undefined ? [] : [identityAdvice]),
      ].join('; '),
    ),
    ...chosen('time', report.time, 'no field of every event is a time'),
    ...list.slice(0, summaryLists),
    ...(list.length > summaryLists ? ['            and more'] : []),
    ...wrapped(`  file      ${definitionFile}`),
    ...wrapped(`  why       ${reportFile}`),
    ...warnings.slice(0, summaryWarnings).flatMap((warning) => wrapped(`  warning   ${warning}`)),
    ...(warnings.length > summaryWarnings
      ? [`            and ${warnings.length - summaryWarnings} more`]
      : []),
    ...typeProposals
      .slice(0, summaryWarnings)
      .flatMap((proposal) =>
        wrapped(
          `  types     ${typeProposalText(proposal)}${typeAdvice ? `; ${typeAdvice(proposal)}` : ''}`,
        ),
      ),
    ...(indexProposals.length > 0
      ? wrapped(
          `  indexes   none: ${indexProposals.map(({ path }) => path).join(', ')} could be; see "indexes" in the file that says why`,
        )
      : []),
    ...(privacyProposals.length > 0
      ? wrapped(
          `  people    ${privacyProposals.map(({ path }) => path).join(', ')} seem to tell of people; see "privacy" in the file that says why`,
        )
      : []),
    ...(counts.length > 0 ? wrapped(`  besides   ${counts.join(', ')}`) : []),
  ].join('\n');
}

/** Wraps a text at 80 columns where it has spaces; further lines are indented. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > summaryColumns) {
    const at = rest.lastIndexOf(' ', summaryColumns);
    const indent = lines.length === 0 && !text.startsWith(' ') ? 0 : 12;
    if (at <= indent) break;
    lines.push(rest.slice(0, at));
    rest = ' '.repeat(12) + rest.slice(at + 1);
  }
  return [...lines, rest];
}

/** Says which type most values have, and where the first of the others is. */
const typeProposalText = ({ path, type, fits, values, firstOther }: TypeProposal): string =>
  fits === values
    ? `${path}: numbers with few digits after the point; sums of ${type} are exact`
    : `${path}: ${fits} of ${values} values are ${type}` +
      (firstOther === undefined ? '' : `, the first other is at line ${firstOther}`);

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
  limit: number,
): readonly string[] {
  if (items.length === 0) return [];
  const lines = items.slice(0, limit).map((item) => `  ${line(item)}`);
  const more = items.length - lines.length;
  return [title, ...lines, ...(more > 0 ? [`  and ${more} more`] : [])];
}
