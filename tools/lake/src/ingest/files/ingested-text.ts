import { wrapText } from '@sluice/terminal';
import { countText, counted } from '@sluice/values/figures';

/** Result of ingesting a file. */
export interface Ingested {
  readonly file: string;
  /** Name of the event type. */
  readonly eventType: string;
  /** Number of events that the stream accepted. */
  readonly accepted: number;
  /** Number of texts of the file that were not accepted. */
  readonly rejected: number;
  /** Number of rows; undefined where it is not known yet. */
  readonly rows: number | undefined;
  /** Number of these rows that existed already, with the same identity. @default none that is known of */
  readonly copies?: number | undefined;
  /** Number of accepted events that failed; undefined where it is not known. */
  readonly failed: number | undefined;
}

/** Writes the result of ingesting a file: `12 events of a.json were taken: 10 rows of order, 2 failed.` */
export function ingestedSentence({ file, eventType, ...counts }: Ingested): string {
  const { accepted, rejected, rows, copies = 0, failed } = counts;
  // Rows are those of the table in the meantime: also of an earlier run that was cut short, and of other senders.
  const others = (rows ?? 0) + (failed ?? 0) - accepted;
  const remarks = [
    ...(copies > 0
      ? [
          `${copies === rows ? 'all' : countText(copies)} of which ${copies === 1 ? 'was' : 'were'} there already`,
        ]
      : []),
    ...(others > 0 ? [`with ${countText(others)} of what was sent before or by others`] : []),
  ];
  const parts = [
    ...(rows === undefined
      ? []
      : [
          `${counted(rows, 'row')} of ${eventType}${remarks.length > 0 ? ` (${remarks.join(', ')})` : ''}`,
        ]),
    ...(failed === undefined || failed === 0 ? [] : [`${countText(failed)} failed`]),
    ...(rejected > 0 ? [`${countText(rejected)} not taken`] : []),
  ];
  const taken = `${counted(accepted, 'event')} of ${file} taken`;
  return wrapText(parts.length > 0 ? `${taken}: ${parts.join(', ')}.` : `${taken}.`);
}
