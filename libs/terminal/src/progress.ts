import { countText, spanText } from '@sluice/values/figures';
import { piecesOfWidth, shortened, terminalColumns, textWidth, wrapLines } from '.';
import { SingleBar } from 'cli-progress';

/** Display of the progress of a long task: a bar on a terminal, a plain line now and then elsewhere. */
export interface Progress {
  /**
   * Shows new numbers.
   *
   * @param done in the unit of the total.
   * @param counted things so far, as the options name them.
   */
  update(done: number, counted: number): void;
  /** Writes a sentence, above the bar on a terminal. */
  say(text: string): void;
  stop(): void;
}

export interface ProgressOptions {
  /** Short description of the task, such as `Posting a.ndjson`; the bar takes the rest of the line. */
  readonly label: string;
  readonly total: number;
  /** Plural noun for what the numbers count. @default events */
  readonly counted?: string;
  readonly stream: NodeJS.WriteStream;
  readonly now?: () => number;
}

const plainLineEveryMs = 2000;

/** Moves to the begin of the line and clears it. */
const clearLine = '\r\u001b[K';

/** Starts to show the progress of a task on a stream. Call `stop` when the task ends, even if it fails. */
export function startProgress({
  label,
  total,
  counted = 'events',
  stream,
  now = Date.now,
}: ProgressOptions): Progress {
  const startedAtMs = now();
  const state = (done: number, count: number): ProgressState => {
    const seconds = (now() - startedAtMs) / 1000;
    const share = Math.min(1, done / Math.max(1, total));
    return {
      label,
      share,
      counted,
      count,
      countPerSecond: Math.round(count / Math.max(0.001, seconds)),
      secondsLeft: share > 0 ? Math.ceil(seconds * (1 / share - 1)) : undefined,
    };
  };

  if (stream.isTTY) {
    let shown = state(0, 0);
    const bar = new SingleBar({
      stream,
      format: () => progressLine(shown, stream.columns || terminalColumns),
      hideCursor: true,
      clearOnComplete: true,
    });
    bar.start(total, 0);
    return {
      update: (done, count) => {
        shown = state(done, count);
        bar.update(done);
      },
      say: (text) => void stream.write(`${clearLine}${wrapLines(text)}\n`),
      stop: () => bar.stop(),
    };
  }

  let lastLineAtMs = startedAtMs;
  return {
    update: (done, count) => {
      if (now() - lastLineAtMs < plainLineEveryMs) return;
      lastLineAtMs = now();
      const { share, countPerSecond, secondsLeft } = state(done, count);
      const left = secondsLeft === undefined ? '' : `, about ${secondsLeft} s left`;
      stream.write(
        `${label}: ${Math.floor(share * 100)}%, ${count} ${counted}, ${countPerSecond}/s${left}\n`,
      );
    },
    say: (text) => void stream.write(`${wrapLines(text)}\n`),
    stop: () => undefined,
  };
}

export interface ProgressState {
  readonly label: string;
  /** Part of the work that is done, from 0 to 1. */
  readonly share: number;
  readonly counted: string;
  readonly count: number;
  readonly countPerSecond: number;
  readonly secondsLeft: number | undefined;
}

const widestBar = 30;

/**
 * Writes one line that fits a terminal. On a narrow one the bar is shortened first, then the label; then the rest is
 * left out.
 */
export function progressLine(
  { label, share, counted, count, countPerSecond, secondsLeft }: ProgressState,
  columns: number,
): string {
  const facts = [
    `${String(Math.floor(share * 100)).padStart(3)}%`,
    `${countText(count)} ${counted}`,
    `${countText(countPerSecond)}/s`,
    ...(secondsLeft === undefined ? [] : [`${spanText(secondsLeft * 1_000)} left`]),
  ].join('  ');
  // The last column stays free, because some terminals wrap after writing it.
  const free = columns - 1 - facts.length - 2;
  const shownLabel = shortened(label, Math.max(8, free - 12));
  const width = Math.min(widestBar, free - textWidth(shownLabel) - 2);
  const bar = width < 4 ? '' : `${'█'.repeat(Math.round(width * share)).padEnd(width, '░')}  `;
  const [line = ''] = piecesOfWidth(`${shownLabel}  ${bar}${facts}`, columns - 1);
  return line;
}
