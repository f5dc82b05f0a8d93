import { useEffect, useState } from 'preact/hooks';
import type { Client } from '../client';
import type { EventTypeFacts } from '../model/facts';
import { sampleEvent } from '../model/sample-event';

/** Milliseconds from one made-up event to the next. */
const everyMs = 250;

/** Events that are made from the schemas and sent until somebody stops it. */
export interface MadeUpEvents {
  readonly isOn: boolean;
  readonly sent: number;
  /** Why it stopped by itself. */
  readonly error: string | undefined;
  readonly turn: (isOn: boolean) => void;
}

/** Returns a switch that sends made-up events of all event types in turn, on whichever page one is. */
export function useMadeUpEvents(client: Client): MadeUpEvents {
  const [isOn, setOn] = useState(false);
  const [sent, setSent] = useState(0);
  const [error, setError] = useState<string>();
  useEffect(() => {
    if (!isOn) return undefined;
    let isOver = false;
    let timer = 0;
    const send = async (types: readonly EventTypeFacts[], at: number): Promise<void> => {
      const eventType = types[at % types.length];
      if (!eventType || isOver) return;
      const event = sampleEvent(eventType, {
        uuid: () => crypto.randomUUID(),
        nowMs: Date.now(),
      });
      await client.post('ingest', `/v1/events/${eventType.name}`, event as object);
      setSent((before) => before + 1);
      timer = window.setTimeout(() => void guarded(send(types, at + 1)), everyMs);
    };
    const guarded = async (work: Promise<void>): Promise<void> => {
      try {
        await work;
      } catch (fault) {
        if (isOver) return;
        setError((fault as Error).message);
        setOn(false);
      }
    };
    const begin = async (): Promise<void> => {
      const { eventTypes } = await client.get<{ readonly eventTypes: readonly EventTypeFacts[] }>(
        'operations',
        '/v1/event-types',
      );
      await send(eventTypes, 0);
    };
    void guarded(begin());
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [client, isOn]);
  const turn = (next: boolean): void => {
    setError(undefined);
    if (next) setSent(0);
    setOn(next);
  };
  return { isOn, sent, error, turn };
}
