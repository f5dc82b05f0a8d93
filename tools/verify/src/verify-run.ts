import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import { functionNames, streamName } from '@sluice/infra/names';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { NotApplicable, Unexpected } from '@sluice/checks';
import { isPrivate, type EventType } from '@sluice/event-schema';
import { parse } from 'lossless-json';
import { pollUntil } from '@sluice/waiting';
import { hashBySecret } from './hash-by-secret';
import { shown, storedKey, type HashOf, type Row } from './compare-row';
import { markedEvent, type MarkedEvent, type Variant } from './marked-event';
import type { ApiAccess, Target } from './target';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A posted event, with the time of its post. */
export interface PostedEvent extends MarkedEvent {
  readonly postedMs: number;
}

/** State shared by the checks of one run: the target, the mark of its events, and everything created so far. */
export class VerifyRun {
  /** Events that the gateway accepted, in the order of their posts. */
  readonly posted: PostedEvent[] = [];
  /** Rows that look-ups found, by the text of their event. */
  readonly rows = new Map<string, Row>();
  /** Keys of objects that belong to this run alone. */
  readonly ownObjects = new Set<string>();
  /** Returns the hash of a value, by the key of the stage; undefined where that could not be read. */
  readonly hashOf: HashOf;
  #events = 0;

  constructor(
    readonly target: Target,
    /** Mark that is unique to the run. */
    readonly mark: string,
    readonly startedAtMs: number,
    /** Secret of the hashes, where event types have any and it could be read. */
    hashSecret?: string,
  ) {
    const hash = hashSecret === undefined ? undefined : hashBySecret(hashSecret);
    this.hashOf = (text) => hash?.(text);
  }

  event(eventType: EventType, variant: Variant): MarkedEvent {
    const { mark, startedAtMs } = this;
    return markedEvent({ eventType, variant, mark, startedAtMs, number: this.#events++ });
  }

  /** Returns the events of a type that the gateway took. */
  postedOf({ name }: EventType): readonly PostedEvent[] {
    return this.posted.filter(({ eventType }) => eventType.name === name);
  }

  /** Returns the key of an event as its row has it. */
  storedKey(event: MarkedEvent): string {
    return storedKey(event, this.hashOf);
  }

  async request(
    api: ApiAccess,
    method: string,
    path: string,
    {
      body,
      apiKey = api.apiKey,
      headers = {},
    }: {
      readonly body?: string;
      readonly apiKey?: string;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Answer> {
    const response = await fetch(`${api.url}${path}`, {
      method,
      headers: {
        'x-api-key': apiKey,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** Looks up the rows with the events' marks, by the text of their event. */
  async lookUp(events: readonly MarkedEvent[]): Promise<readonly Row[]> {
    const [first] = events;
    if (!first) return [];
    const ids = [...new Set(events.map((event) => this.storedKey(event)))];
    const answer = await this.request(
      this.target.lookup,
      'POST',
      `/v1/events/${first.eventType.name}/lookup`,
      { body: JSON.stringify({ ids, limit: 1_000 }) },
    );
    const { rows } = jsonOf(answer, 200) as { readonly rows: readonly Row[] };
    return rows;
  }

  /** Puts a record into the stream of a table, past the gateway and its checks. */
  async putRecord(table: string, data: string): Promise<void> {
    await this.target.kinesis.send(
      new PutRecordCommand({
        StreamName: streamName(this.target.stage, table),
        Data: Buffer.from(data),
        PartitionKey: this.mark,
      }),
    );
  }

  /** Runs a maintenance function and returns its summary. @throws Unexpected where the function fails */
  async invoke(
    name: 'compact' | 'replay',
    payload: object,
  ): Promise<Readonly<Record<string, unknown>>> {
    const functionName = functionNames[name](this.target.stage);
    const { FunctionError, Payload } = await this.target.lambda.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(payload) }),
    );
    const text = new TextDecoder().decode(Payload);
    if (FunctionError !== undefined)
      throw new Unexpected(`${functionName} failed: ${text.slice(0, 400)}`);
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  }

  /** Repeats a question until there is an answer, or the time of a delivery is over. */
  async until<T>(ask: () => Promise<T | undefined>, onTimeout: () => Promise<string>): Promise<T> {
    const { deliveryMs, pollMs } = this.target.waits;
    const answer = await pollUntil(ask, { everyMs: pollMs, withinMs: deliveryMs });
    if (answer === undefined) throw new Unexpected(await onTimeout());
    return answer;
  }
}

/** Returns an event type whose failed records stay readable. @throws NotApplicable where there is none */
export function clearEventType({ target }: Pick<VerifyRun, 'target'>): EventType {
  const found = target.eventTypes.find((eventType) => !isPrivate(eventType));
  if (!found) throw new NotApplicable('every event type has rules of privacy, or there is none');
  return found;
}

/** Milliseconds to wait for an answer. The gateway itself gives up after 29 s. */
const requestTimeoutMs = 35_000;

/** Returns the JSON members of an answer with this status. @throws Unexpected for any other status */
export function jsonOf(answer: Answer, status: number): Readonly<Record<string, unknown>> {
  if (answer.status !== status) throw new Unexpected(said(answer));
  try {
    return parse(answer.text) as Readonly<Record<string, unknown>>;
  } catch {
    throw new Unexpected(`${said(answer)}, which is not JSON`);
  }
}

/** Writes an answer for a report. */
export const said = ({ status, text }: Answer): string => `${status} ${text.slice(0, 300)}`.trim();

/** Checks that an answer has a status, and a message in its JSON. @returns the answer for a report */
export function expectRefusal(answer: Answer, status: number): string {
  const { message } = jsonOf(answer, status);
  if (typeof message !== 'string') throw new Unexpected(`${said(answer)}, without a message`);
  return `${status} ${shown(message)}`.slice(0, 300);
}
