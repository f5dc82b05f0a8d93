import type { Span } from './span';

/** Sends spans to a collector. Never rejects, and takes bounded time. */
export type SendSpans = (spans: readonly Span[]) => Promise<void>;

/** Sends spans by some protocol. Rejects where they did not arrive. */
export type ExportSpans = (spans: readonly Span[]) => Promise<void>;

export interface SpanSenderOptions {
  /** Loads what sends spans; called with the first of them. A load that fails is tried again. */
  readonly load: () => Promise<ExportSpans>;
  /** Called with the number of spans that did not arrive, and why. */
  readonly onDropped: (spans: number, reason: string) => void;
  /** Longest wait for the collector, in milliseconds. @default 1,000 */
  readonly timeoutMs?: number;
  readonly now?: () => number;
}

/** Milliseconds for which a collector that did not answer is left alone. */
const pauseMs = 30_000;

/**
 * Returns a function that sends spans and waits until they are gone, since a function may be frozen right after its
 * answer. Where the collector is away the spans are dropped and counted: a caller waits for `timeoutMs` at most, and
 * then not again for half a minute.
 */
export function spanSender({
  load,
  onDropped,
  timeoutMs = 1_000,
  now = Date.now,
}: SpanSenderOptions): SendSpans {
  let loading: Promise<ExportSpans> | undefined;
  let pausedUntilMs = 0;
  return async (spans) => {
    if (spans.length === 0) return;
    if (now() < pausedUntilMs) {
      onDropped(spans.length, 'the collector did not answer a moment ago');
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    try {
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          reject(new Error(`the collector took longer than ${timeoutMs} ms`));
        }, timeoutMs);
      });
      const sent = (loading ??= load()).then((exportSpans) => exportSpans(spans));
      // A failure after the time is up has been counted.
      sent.catch(() => undefined);
      await Promise.race([sent, late]);
    } catch (error) {
      loading = undefined;
      pausedUntilMs = now() + pauseMs;
      onDropped(spans.length, error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(timer);
    }
  };
}
