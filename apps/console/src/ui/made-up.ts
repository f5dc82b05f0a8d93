import { useEffect, useState } from 'preact/hooks';
import type { Client } from '../client';
import type { EventTypeFacts } from '../model/facts';
import { sampleEvent } from '../model/sample-event';

/** Milliseconds from one made-up event to the next. */
const everyMs = 250;

/** Events that are made up from the schema of an event type, and sent until they are stopped. */
export interface MadeUpEvents {
  /** Name of the event type; undefined while none are sent. */
  readonly eventType: string | undefined;
  readonly sent: number;
  /** Reason why sending stopped by itself. */
  readonly error: string | undefined;
  readonly begin: (eventType: string) => void;
  readonly stop: () => void;
}

/** Returns the sender of made-up events, which keeps running when the user changes pages. */
export function useMadeUpEvents(client: Client): MadeUpEvents {
  const [name, setName] = useState<string>();
  const [sent, setSent] = useState(0);
  const [error, setError] = useState<string>();
  useEffect(() => {
    if (name === undefined) return undefined;
    let isOver = false;
    let timer = 0;
    const send = async (eventType: EventTypeFacts): Promise<void> => {
      if (isOver) return;
      const event = sampleEvent(eventType, {
        uuid: () => crypto.randomUUID(),
        nowMs: Date.now(),
      });
      await client.post('ingest', `/v1/events/${eventType.name}`, event as object);
      setSent((before) => before + 1);
      timer = window.setTimeout(() => void guarded(send(eventType)), everyMs);
    };
    const guarded = async (work: Promise<void>): Promise<void> => {
      try {
        await work;
      } catch (fault) {
        if (isOver) return;
        setError((fault as Error).message);
        setName(undefined);
      }
    };
    const begin = async (): Promise<void> => {
      const { eventTypes } = await client.get<{ readonly eventTypes: readonly EventTypeFacts[] }>(
        'operations',
        '/v1/event-types',
      );
      const eventType = eventTypes.find((one) => one.name === name);
      if (!eventType) throw new Error(`There is no event type "${name}" any more.`);
      await send(eventType);
    };
    void guarded(begin());
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [client, name]);
  const begin = (eventType: string): void => {
    setError(undefined);
    setSent(0);
    setName(eventType);
  };
  return { eventType: name, sent, error, begin, stop: () => setName(undefined) };
}
