import { SingleBar } from 'cli-progress';

/** Shows how a long piece of work goes on: a bar on a terminal, a plain line now and then elsewhere. */
export interface Progress {
  /** @param done in the unit of the total. @param events so far. */
  update(done: number, events: number): void;
  stop(): void;
}

export interface ProgressOptions {
  readonly label: string;
  readonly total: number;
  readonly stream: NodeJS.WriteStream;
  readonly now?: () => number;
}

const plainLineEveryMs = 2000;

export function startProgress({ label, total, stream, now = Date.now }: ProgressOptions): Progress {
  const startedAtMs = now();
  const rate = (events: number): number =>
    Math.round(events / Math.max(0.001, (now() - startedAtMs) / 1000));

  if (stream.isTTY) {
    const bar = new SingleBar({
      stream,
      format: `${label} {bar} {percentage}% | {events} events, {rate}/s | {eta_formatted} left`,
      hideCursor: true,
      clearOnComplete: true,
    });
    bar.start(total, 0, { events: 0, rate: 0 });
    return {
      update: (done, events) => bar.update(done, { events, rate: rate(events) }),
      stop: () => bar.stop(),
    };
  }

  let lastLineAtMs = startedAtMs;
  return {
    update: (done, events) => {
      const at = now();
      if (at - lastLineAtMs < plainLineEveryMs) return;
      lastLineAtMs = at;
      const share = Math.min(1, done / Math.max(1, total));
      const leftSeconds = share > 0 ? ((at - startedAtMs) / 1000) * (1 / share - 1) : undefined;
      const left = leftSeconds === undefined ? '' : `, about ${Math.ceil(leftSeconds)} s left`;
      stream.write(
        `${label}: ${Math.floor(share * 100)}%, ${events} events, ${rate(events)}/s${left}\n`,
      );
    },
    stop: () => undefined,
  };
}
