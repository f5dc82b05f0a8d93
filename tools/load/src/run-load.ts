import type { EventType } from '@sluice/event-schema';
import type { Outcome } from '@sluice/ingest-client';
import { markMember, type MarkedEvent, type Row } from '@sluice/verify';
import type { LoadPlan } from './plan';

/** The outside world of a run, which a test can replace. */
export interface LoadPorts {
  /** Makes the event with a given number. */
  readonly event: (eventType: EventType, number: number) => MarkedEvent;
  /** Hands an event over without waiting. `tell` is called once with its outcome. */
  readonly send: (event: MarkedEvent, tell: (outcome: Outcome) => void) => void;
  /** Resolves when all events handed over are settled. Abandons unsettled ones once the signal is aborted. */
  readonly drain: (giveUp: AbortSignal) => Promise<void>;
  /** Returns the rows of some ids. @throws where the look-up does not answer 200, or the signal is aborted */
  readonly lookUp: (
    eventType: EventType,
    ids: readonly string[],
    giveUp: AbortSignal,
  ) => Promise<readonly Row[]>;
  readonly clock: LoadClock;
}

export interface LoadClock {
  readonly nowMs: () => number;
  /** Resolves after a time in milliseconds, or as soon as the signal is aborted. */
  readonly sleep: (ms: number, wake?: AbortSignal) => Promise<void>;
}

export interface LoadOptions {
  readonly plan: LoadPlan;
  readonly eventTypes: readonly EventType[];
  readonly eventsPerSecond: number;
  readonly lookupsPerSecond: number;
  /** Longest time from a post to its row, in milliseconds. */
  readonly deliveryMs: number;
  /** Pause between two searches for sampled rows, in milliseconds. */
  readonly pollMs: number;
  /** Ends the run early: nothing more is sent, and rows that were not seen yet are not waited for. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: LoadResult) => void;
}

export interface LoadResult {
  readonly seconds: number;
  readonly isInterrupted: boolean;
  readonly events: {
    readonly asked: number;
    readonly sent: number;
    /** Number of events that were not sent because too many were on their way: the gateway was slower than the rate. */
    readonly heldBack: number;
    readonly accepted: number;
    /** Number of refused events, by the client's reason and the status of the last answer. */
    readonly refused: Readonly<Record<string, number>>;
    /** Number of events without an answer when the run ended. They may or may not become rows. */
    readonly unsettled: number;
    readonly perSecond: number;
  };
  readonly rows: {
    /** Number of accepted events that were searched for. */
    readonly sampled: number;
    readonly found: number;
    /** Number of accepted events that a look-up after the delivery time did not find. */
    readonly missing: number;
    /**
     * Number of sampled events whose fate is unknown, because the run was interrupted or look-ups after their time
     * were not answered.
     */
    readonly unknown: number;
    readonly p50Ms: number | undefined;
    readonly p99Ms: number | undefined;
    /** Milliseconds between two searches. A row is seen at the first search after it has arrived. */
    readonly lookedEveryMs: number;
  };
  readonly lookups: {
    readonly made: number;
    readonly perSecond: number;
    /** Number of look-ups that were not answered with 200, and of rows seen before that were missing. */
    readonly failed: number;
    readonly failures: readonly string[];
    readonly p50Ms: number | undefined;
    readonly p99Ms: number | undefined;
  };
}

interface Sample {
  readonly event: MarkedEvent;
  readonly postedMs: number;
  /** Moment at which the gateway accepted the event. */
  acceptedMs: number;
  /** Moment of the last search for its row. Samples that have waited longest are searched for first. */
  lookedMs: number;
  status: 'sent' | 'accepted' | 'found' | 'missing' | 'unknown' | 'refused';
}

/** Milliseconds between two checks of how many events are due. */
const tickMs = 20;
/** Number of seconds' worth of events that may be on their way. */
const backlogSeconds = 20;
const minBacklog = 2_000;
/** Number of ids in one search; small, so that searches don't slow down the measured look-ups. */
const idsAtOnce = 20;
const maxFailuresKept = 5;
const progressEveryMs = 5_000;
/** Milliseconds that events and look-ups under way have after an interruption. */
const patienceMs = 5_000;
/** Milliseconds that events on their way have after the last one was due. */
const settleMs = 60_000;
/**
 * Milliseconds that look-ups have after every sampled event had its time. Any look-up that is answered at all is
 * answered within it.
 */
const lastLookMs = 40_000;
/** Milliseconds after which a search for one event type's rows no longer delays the others. */
const lookPatienceMs = 2_000;

/**
 * Returns the longest duration of a run in milliseconds, which holds even if the target never answers.
 *
 * @param deliveryMs longest time from a post to its row
 */
export const longestRunMs = ({ durationMs }: LoadPlan, deliveryMs: number): number =>
  durationMs + settleMs + deliveryMs + lastLookMs;

/**
 * Returns how many events are due at a time, whatever became of those before. This is an open loop: when a gateway
 * slows down, its real callers don't slow down either.
 *
 * @param elapsedMs since the start
 */
export const dueEvents = (plan: LoadPlan, elapsedMs: number): number =>
  Math.min(plan.events, Math.floor((plan.events * elapsedMs) / plan.durationMs));

/**
 * Sends events at a rate, and meanwhile searches for the rows of some of them, looks others up and counts. Ends
 * within {@link longestRunMs}.
 */
export async function runLoad(options: LoadOptions, ports: LoadPorts): Promise<LoadResult> {
  const run = new LoadRun(options, ports);
  await Promise.all([run.sendAll(), run.watchRows(), run.askMeanwhile(), run.reportProgress()]);
  run.end();
  return run.result();
}

class LoadRun {
  readonly #startedMs: number;
  readonly #samples: Sample[] = [];
  readonly #rowMs: number[] = [];
  readonly #lookupMs: number[] = [];
  readonly #failures: string[] = [];
  readonly #refused: Record<string, number> = {};
  #sent = 0;
  #heldBack = 0;
  #accepted = 0;
  #pending = 0;
  #lookups = 0;
  #failed = 0;
  #sendingMs = 0;
  #unsettled = 0;
  #isSending = true;
  #isWatching = true;
  /** Aborted when the run is over, whatever is still under way. */
  readonly #over = new AbortController();
  readonly #isOver: Promise<undefined>;

  constructor(
    readonly options: LoadOptions,
    readonly ports: LoadPorts,
  ) {
    this.#startedMs = ports.clock.nowMs();
    const { signal } = this.#over;
    this.#isOver = new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
  }

  end(): void {
    this.#over.abort();
  }

  async sendAll(): Promise<void> {
    const { plan, eventTypes, eventsPerSecond, signal } = this.options;
    const { clock } = this.ports;
    const most = Math.max(minBacklog, eventsPerSecond * backlogSeconds);
    for (let number = 0; number < plan.events && !signal.aborted;) {
      const due = dueEvents(plan, this.#elapsedMs());
      for (; number < due; number++) {
        const eventType = eventTypes[number % eventTypes.length];
        if (eventType === undefined) break;
        if (this.#pending >= most) this.#heldBack++;
        else this.#send(eventType, number);
      }
      await clock.sleep(tickMs);
    }
    this.#sendingMs = this.#elapsedMs();
    await this.#settle();
    void this.#endInTime();
  }

  /** Waits for events on their way, for a limited time; those without an answer by then are counted and abandoned. */
  async #settle(): Promise<void> {
    const giveUp = new AbortController();
    const settled = new AbortController();
    await Promise.race([
      this.ports.drain(giveUp.signal),
      this.ports.clock.sleep(settleMs, settled.signal),
      this.#patience(settled.signal),
    ]);
    settled.abort();
    this.#unsettled = this.#pending;
    this.#isSending = false;
    giveUp.abort();
  }

  /** Ends the run when each sampled event had its time and one more look-up, or some time after an interruption. */
  async #endInTime(): Promise<void> {
    const { signal } = this.#over;
    await Promise.race([
      this.ports.clock.sleep(this.options.deliveryMs + lastLookMs, signal),
      this.#patience(signal),
    ]);
    this.#over.abort();
  }

  /**
   * Resolves some time after an interruption: events on their way may arrive, but refused ones are not sent again for
   * long.
   */
  #patience(wake: AbortSignal): Promise<void> {
    const { signal } = this.options;
    return new Promise((resolve) => {
      const wait = (): void => void this.ports.clock.sleep(patienceMs, wake).then(resolve);
      if (signal.aborted) wait();
      else signal.addEventListener('abort', wait, { once: true });
    });
  }

  #send(eventType: EventType, number: number): void {
    const event = this.ports.event(eventType, number);
    const { eventTypes, plan } = this.options;
    const isSampled = Math.floor(number / eventTypes.length) % plan.sampleEvery === 0;
    const postedMs = this.ports.clock.nowMs();
    const sample: Sample = {
      event,
      postedMs,
      acceptedMs: Infinity,
      lookedMs: -Infinity,
      status: 'sent',
    };
    if (isSampled) this.#samples.push(sample);
    this.#sent++;
    this.#pending++;
    this.ports.send(event, (outcome) => {
      // It has been counted as unsettled.
      if (!this.#isSending) return;
      this.#pending--;
      sample.status = outcome.status === 'accepted' ? 'accepted' : 'refused';
      sample.acceptedMs = this.ports.clock.nowMs();
      if (outcome.status === 'accepted') this.#accepted++;
      else this.#count(outcome);
    });
  }

  #count(outcome: Exclude<Outcome, { status: 'accepted' }>): void {
    const reason =
      outcome.status === 'rejected'
        ? `${outcome.rejection.code} (${outcome.rejection.httpStatus ?? 'no answer'})`
        : outcome.status;
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1;
  }

  /** Searches for the rows of samples until each has been seen or its time is over. */
  async watchRows(): Promise<void> {
    const { pollMs, signal, eventTypes } = this.options;
    const { clock } = this.ports;
    const underWay = new Set<string>();
    while (!signal.aborted && !this.#over.signal.aborted) {
      const waiting = this.#samples
        .filter(({ status }) => status === 'accepted')
        .sort((a, b) => a.lookedMs - b.lookedMs);
      if (waiting.length === 0 && !this.#isSending) break;
      for (const { name } of eventTypes) {
        if (underWay.has(name)) continue;
        underWay.add(name);
        const samples = waiting.filter(({ event }) => event.eventType.name === name);
        const look = this.#look(samples.slice(0, idsAtOnce)).finally(() => underWay.delete(name));
        const answered = new AbortController();
        await Promise.race([look, clock.sleep(lookPatienceMs, answered.signal)]);
        answered.abort();
      }
      await clock.sleep(pollMs, this.#over.signal);
    }
    this.#isWatching = false;
  }

  async #look(samples: readonly Sample[]): Promise<void> {
    const [first] = samples;
    if (!first) return;
    const { deliveryMs } = this.options;
    const ids = [...new Set(samples.map(({ event }) => event.key))];
    for (const sample of samples) sample.lookedMs = this.ports.clock.nowMs();
    const rows = await this.#ask(first.event.eventType, ids);
    const marks = new Set(rows?.map(markOf));
    for (const sample of samples)
      if (marks.has(markText(sample.event.event[markMember]))) {
        sample.status = 'found';
        this.#rowMs.push(this.ports.clock.nowMs() - sample.postedMs);
      }
      // Abandoned once it was searched for after its time, so that slow or failing look-ups don't make a row missing.
      else if (sample.lookedMs - sample.acceptedMs > deliveryMs)
        sample.status = rows ? 'missing' : 'unknown';
  }

  /** Looks up rows that were seen before, one at a time, as callers would. */
  async askMeanwhile(): Promise<void> {
    const { lookupsPerSecond, signal } = this.options;
    if (lookupsPerSecond === 0) return;
    const { clock } = this.ports;
    const asked: Promise<void>[] = [];
    for (let number = 0; this.#isWatching && !signal.aborted;) {
      const found = this.#samples.filter(({ status }) => status === 'found');
      const sample = found[number % Math.max(1, found.length)];
      if (sample !== undefined) {
        number++;
        asked.push(this.#askFor(sample));
      }
      await clock.sleep(1_000 / lookupsPerSecond, this.#over.signal);
    }
    await Promise.all(asked);
  }

  async #askFor({ event }: Sample): Promise<void> {
    const startedMs = this.ports.clock.nowMs();
    this.#lookups++;
    const rows = await this.#ask(event.eventType, [event.key]);
    if (rows === undefined) return;
    this.#lookupMs.push(this.ports.clock.nowMs() - startedMs);
    if (!rows.some((row) => markOf(row) === markText(event.event[markMember])))
      this.#fail(`the row of ${event.eventType.name} ${event.key} was there and is not any more`);
  }

  /** Looks up ids. Counts a look-up that fails or is not answered before the run ends, and continues. */
  async #ask(eventType: EventType, ids: readonly string[]): Promise<readonly Row[] | undefined> {
    try {
      const rows = await Promise.race([
        this.ports.lookUp(eventType, ids, this.#over.signal),
        this.#isOver,
      ]);
      if (rows === undefined) throw new Error('no answer before the run ended');
      return rows;
    } catch (error) {
      // After an interruption, answers are not waited for.
      if (!(this.options.signal.aborted && this.#over.signal.aborted))
        this.#fail((error as Error).message);
      return undefined;
    }
  }

  #fail(failure: string): void {
    this.#failed++;
    if (this.#failures.length < maxFailuresKept) this.#failures.push(failure);
  }

  async reportProgress(): Promise<void> {
    const { onProgress, signal } = this.options;
    if (!onProgress) return;
    for (let lastReportMs = 0; this.#isWatching && !signal.aborted;) {
      await this.ports.clock.sleep(tickMs);
      if (this.#elapsedMs() - lastReportMs < progressEveryMs) continue;
      lastReportMs = this.#elapsedMs();
      onProgress(this.result());
    }
  }

  #elapsedMs(): number {
    return this.ports.clock.nowMs() - this.#startedMs;
  }

  result(): LoadResult {
    const { plan, signal, pollMs } = this.options;
    const seconds = this.#elapsedMs() / 1_000;
    const sendingSeconds = Math.max(0.001, (this.#sendingMs || this.#elapsedMs()) / 1_000);
    const sampled = this.#samples.filter(({ status }) => status !== 'sent' && status !== 'refused');
    const samplesThatAre = (wanted: Sample['status']): number =>
      sampled.filter(({ status }) => status === wanted).length;
    return {
      seconds: tenths(seconds),
      isInterrupted: signal.aborted,
      events: {
        asked: plan.events,
        sent: this.#sent,
        heldBack: this.#heldBack,
        accepted: this.#accepted,
        refused: { ...this.#refused },
        unsettled: this.#unsettled,
        perSecond: tenths(this.#sent / sendingSeconds),
      },
      rows: {
        sampled: sampled.length,
        found: samplesThatAre('found'),
        missing: samplesThatAre('missing'),
        unknown: samplesThatAre('unknown') + samplesThatAre('accepted'),
        p50Ms: percentile(this.#rowMs, 0.5),
        p99Ms: percentile(this.#rowMs, 0.99),
        lookedEveryMs: pollMs,
      },
      lookups: {
        made: this.#lookups,
        perSecond: tenths(this.#lookups / Math.max(0.001, seconds)),
        failed: this.#failed,
        failures: [...this.#failures],
        p50Ms: percentile(this.#lookupMs, 0.5),
        p99Ms: percentile(this.#lookupMs, 0.99),
      },
    };
  }
}

/** Writes the mark of a run, and the number of an event in it, as text. */
const markText = (mark: unknown): string => {
  const { mark: run, number } = (mark ?? {}) as {
    readonly mark?: unknown;
    readonly number?: unknown;
  };
  return `${String(run)} ${String(number)}`;
};

/** Returns the mark of the event from which a row was made. */
function markOf({ unmapped }: Row): string | undefined {
  try {
    return markText(
      (JSON.parse(String(unmapped)) as Readonly<Record<string, unknown>>)[markMember],
    );
  } catch {
    return undefined;
  }
}

const tenths = (value: number): number => Math.round(value * 10) / 10;

/**
 * Returns a percentile by the nearest rank: the smallest value such that at least this share of all values is not
 * above it. Undefined where there are no values.
 *
 * @param share from 0 to 1
 */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
