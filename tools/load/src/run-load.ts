import type { EventType } from '@sluice/event-schema';
import type { Outcome } from '@sluice/ingest-client';
import { markMember, type MarkedEvent, type Row } from '@sluice/verify';
import { percentile } from './percentile';
import type { LoadPlan } from './plan';

/** What a run does things with, so that a test has other ones. */
export interface LoadPorts {
  /** Makes the event of a number. */
  readonly event: (eventType: EventType, number: number) => MarkedEvent;
  /** Hands an event over and waits for nothing; `tell` hears once what became of it. */
  readonly send: (event: MarkedEvent, tell: (outcome: Outcome) => void) => void;
  /** Resolves when all that was handed over is settled. Gives up what is still on its way once the signal is aborted. */
  readonly drain: (giveUp: AbortSignal) => Promise<void>;
  /** Rows of some ids. @throws where the look-up does not answer 200, or the signal is aborted */
  readonly lookUp: (
    eventType: EventType,
    ids: readonly string[],
    giveUp: AbortSignal,
  ) => Promise<readonly Row[]>;
  readonly clock: LoadClock;
}

export interface LoadClock {
  readonly nowMs: () => number;
  /** Resolves after a time, or as soon as the signal is aborted. */
  readonly sleep: (ms: number, wake?: AbortSignal) => Promise<void>;
}

export interface LoadOptions {
  readonly plan: LoadPlan;
  readonly eventTypes: readonly EventType[];
  readonly eventsPerSecond: number;
  readonly lookupsPerSecond: number;
  /** Longest time from a post to its row. */
  readonly deliveryMs: number;
  /** Pause between two looks for sampled rows. */
  readonly pollMs: number;
  /** Ends the run early: no more is sent, and what is not seen yet is not waited for. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: LoadResult) => void;
}

export interface LoadResult {
  readonly seconds: number;
  readonly isInterrupted: boolean;
  readonly events: {
    readonly asked: number;
    readonly sent: number;
    /** Events that were not sent, as too many were on their way: the gateway was slower than the rate. */
    readonly heldBack: number;
    readonly accepted: number;
    /** Refused events by the client's reason and the status of the last answer. */
    readonly refused: Readonly<Record<string, number>>;
    /** Events without an answer when the run ended: they may become rows or not. */
    readonly unsettled: number;
    readonly perSecond: number;
  };
  readonly rows: {
    /** Accepted events that were looked for. */
    readonly sampled: number;
    readonly found: number;
    /** Accepted, and a look-up after the delivery time was answered without the row. */
    readonly missing: number;
    /** Sampled events of which nothing is known: the run was interrupted, or look-ups after their time were not answered. */
    readonly unknown: number;
    readonly p50Ms: number | undefined;
    readonly p99Ms: number | undefined;
    /** A row is seen at the first look after it is there. */
    readonly lookedEveryMs: number;
  };
  readonly lookups: {
    readonly made: number;
    readonly perSecond: number;
    /** Answers other than 200, no answers, and rows that were seen before and are not there. */
    readonly failed: number;
    readonly failures: readonly string[];
    readonly p50Ms: number | undefined;
    readonly p99Ms: number | undefined;
  };
}

interface Sample {
  readonly event: MarkedEvent;
  readonly postedMs: number;
  /** Moment at which the gateway took it. */
  acceptedMs: number;
  /** Moment at which its row was looked for last; those that waited longest come first. */
  lookedMs: number;
  status: 'sent' | 'accepted' | 'found' | 'missing' | 'unknown' | 'refused';
}

/** How often the pacer looks how many events are due. */
const tickMs = 20;
/** Seconds of the rate that may be on their way. */
const backlogSeconds = 20;
const leastBacklog = 2_000;
/** Few, so that the look for samples does not slow the look-ups that are measured. */
const idsAtOnce = 20;
const mostFailuresKept = 5;
const progressEveryMs = 5_000;
/** Time left to what is on its way, once the run is interrupted. */
const patienceMs = 5_000;
/** Time left to events on their way, once the last was due. */
export const settleMs = 60_000;
/** Time left to look-ups, once each sampled event had its time: a look-up that is answered at all is answered within it. */
export const lastLookMs = 40_000;
/** A look for the rows of one event type that takes longer does not keep the others waiting. */
const lookPatienceMs = 2_000;

/**
 * Returns the longest that a run takes, in milliseconds, whatever the other side does: also where it never answers.
 *
 * @param deliveryMs longest time from a post to its row
 */
export const longestRunMs = ({ durationMs }: LoadPlan, deliveryMs: number): number =>
  durationMs + settleMs + deliveryMs + lastLookMs;

/**
 * Returns how many events are due at a time of a run that asks for a rate, whatever became of those before: an open loop. A gateway
 * that slows down does not slow its callers down.
 *
 * @param elapsedMs since the start
 */
export const dueEvents = (plan: LoadPlan, elapsedMs: number): number =>
  Math.min(plan.events, Math.floor((plan.events * elapsedMs) / plan.durationMs));

/**
 * Sends events at a rate, looks for the rows of some of them and asks for others meanwhile, and counts. Ends within
 * {@link longestRunMs}.
 */
export async function runLoad(options: LoadOptions, ports: LoadPorts): Promise<LoadResult> {
  const run = new LoadRun(options, ports);
  await Promise.all([run.sendAll(), run.watchRows(), run.askMeanwhile(), run.tellProgress()]);
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
  /** Aborted when the run is over, whatever is still on its way. */
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
    const most = Math.max(leastBacklog, eventsPerSecond * backlogSeconds);
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

  /** Waits for what is on its way as long as it may take; what has no answer then is counted and given up. */
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

  /** Resolves some time after an interruption: what is on its way may arrive, and what is refused is not sent again for long. */
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
      // It is counted as unsettled already.
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

  /** Looks for the rows of samples until each is seen, or has had its time. */
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
      // Given up once it was looked for after its time: slow look-ups make no row missing, nor do those that fail.
      else if (sample.lookedMs - sample.acceptedMs > deliveryMs)
        sample.status = rows ? 'missing' : 'unknown';
  }

  /** Asks for rows that were seen, one at a time, as callers would. */
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

  /** Looks up, counts a look-up that fails or is not answered before the run ends, and goes on. */
  async #ask(eventType: EventType, ids: readonly string[]): Promise<readonly Row[] | undefined> {
    try {
      const rows = await Promise.race([
        this.ports.lookUp(eventType, ids, this.#over.signal),
        this.#isOver,
      ]);
      if (rows === undefined) throw new Error('no answer before the run ended');
      return rows;
    } catch (error) {
      // Who interrupts a run does not wait for answers.
      if (!(this.options.signal.aborted && this.#over.signal.aborted))
        this.#fail((error as Error).message);
      return undefined;
    }
  }

  #fail(failure: string): void {
    this.#failed++;
    if (this.#failures.length < mostFailuresKept) this.#failures.push(failure);
  }

  async tellProgress(): Promise<void> {
    const { onProgress, signal } = this.options;
    if (!onProgress) return;
    for (let toldMs = 0; this.#isWatching && !signal.aborted;) {
      await this.ports.clock.sleep(tickMs);
      if (this.#elapsedMs() - toldMs < progressEveryMs) continue;
      toldMs = this.#elapsedMs();
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

/** The mark of a run and the number of an event in it, as text. */
const markText = (mark: unknown): string => {
  const { mark: run, number } = (mark ?? {}) as {
    readonly mark?: unknown;
    readonly number?: unknown;
  };
  return `${String(run)} ${String(number)}`;
};

/** What marks the event that a row was made from. */
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
