import type { FailureReason } from '@sluice/failed-records';
import { shellCommand, wrapText } from '@sluice/terminal';
import { counted } from '@sluice/values/figures';
import { dataDirOption } from '../shown-commands';
import type { FailedEvents } from './failed-events';

export interface FailureTextOptions {
  /** Data directory, as commands in the checkout name it. */
  readonly dataDir: string;
  /** File of the definition, if the data directory holds it. */
  readonly definition: string | undefined;
}

const shownReasons = 5;

/** Writes how many events failed, why, where their originals are, and how to see and replay them. */
export function failureText(
  { eventType, events, reasons }: FailedEvents,
  { dataDir, definition }: FailureTextOptions,
): string {
  const one = events === 1;
  const rest = reasons.slice(shownReasons);
  const replay = ['npm', 'run', 'lake', '--', 'replay'];
  const options = [['--event', eventType.name], ...dataDirOption(dataDir)];
  return [
    wrapText(
      `${counted(events, 'event')} of ${eventType.name} failed and ${one ? 'is no row' : 'are no rows'}:`,
    ),
    ...reasons.slice(0, shownReasons).map(reasonText),
    ...(rest.length > 0
      ? [
          `  and ${counted(
            rest.reduce((sum, { records }) => sum + records, 0),
            'event',
          )} for other reasons`,
        ]
      : []),
    wrapText(
      `${one ? 'Its original is' : 'Their originals are'} kept. See ${one ? 'it' : 'them'}:`,
    ),
    shellCommand([...replay, ...options, '--dry-run']),
    wrapText(
      reasons.every(isOfConversion)
        ? "The schema accepts them, but the table's columns do not: start the stack with templates of the current definitions, or fix the table (docs/runbooks/conversion-failing.md). Then run it without --dry-run to send them."
        : definition === undefined
          ? 'Without --dry-run it sends those that the schema accepts by then.'
          : `Without --dry-run it sends those that the schema accepts by then. Loosen it in ${definition} if a member is missing or a value is refused; a column with stored rows keeps its type.`,
    ),
    wrapText(
      'To fix the events themselves on the way, add --transform FILE (--help has an example).',
    ),
  ].join('\n');
}

/** Decides whether Firehose's format conversion refused the rows that the transformer had made. */
const isOfConversion = ({ code }: FailureReason): boolean =>
  code.startsWith('DataFormatConversion.');

/** Writes a line such as ` 3 type at /price: a number where the schema wants an integer`. */
const reasonText = ({ code, pointer, detail, records }: FailureReason): string =>
  wrapText(`${code}${pointer === undefined ? '' : ` at ${pointer}`}: ${detail}`, {
    first: `${String(records).padStart(6)}  `,
  });
