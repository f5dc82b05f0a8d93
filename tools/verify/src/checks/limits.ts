import { NotApplicable, Unexpected } from '@sluice/checks';
import type { Check } from '../check';
import { jsonOf, said, type Answer, type VerifyRun } from '../verify-run';

/**
 * Number of events in a batch, whose size is below the 5 MiB of one call and above the 1 MiB that a shard accepts
 * each second.
 */
const eventsPerBatch = 60;
const batchPaddingBytes = 64 * 1024;
const maxBatches = 8;
/** Size of an event's padding in bytes, so that the event stays below the 1 MiB of one record. */
const postPaddingBytes = 700 * 1024;
const maxPosts = 30;
const postsAtOnce = 10;

export const limitChecks: readonly Check[] = [
  {
    id: 'limits.partly-refused',
    assumption: 'PutRecords answers 200 where a shard refuses some, and the template tells which.',
    expected: '207 with the refused events and Retry-After',
    needs: ['gateway.batch'],
    run: async (run) => {
      const { path, text } = paddedEvent(run, batchPaddingBytes);
      const body = `{"events":[${Array<string>(eventsPerBatch).fill(text).join(',')}]}`;
      const answer = await firstRefusal(maxBatches, 2, () =>
        run.request(run.target.ingest, 'POST', `${path}/batch`, { body }),
      );
      if (!answer) throw notLimited(run);
      const { accepted, failed } = jsonOf(answer, 207) as {
        readonly accepted: unknown;
        readonly failed: readonly { readonly index: unknown; readonly code: unknown }[];
      };
      if (Number(accepted) + failed.length !== eventsPerBatch || failed[0]?.code !== 'THROTTLED')
        throw new Unexpected(said(answer));
      return `207, ${String(accepted)} accepted, ${failed.length} refused, ${retryAfter(answer)}`;
    },
  },
  {
    id: 'limits.throttled',
    assumption: 'A shard that is at its limit refuses PutRecord in words that the template knows.',
    expected: '429 with Retry-After',
    needs: ['gateway.post'],
    run: async (run) => {
      const { path, text } = paddedEvent(run, postPaddingBytes);
      const answer = await firstRefusal(maxPosts, postsAtOnce, () =>
        run.request(run.target.ingest, 'POST', path, { body: text }),
      );
      if (!answer) throw notLimited(run);
      jsonOf(answer, 429);
      return `429, ${retryAfter(answer)}`;
    },
  },
];

/** Returns the event of these checks. They all post the same one: one key, so one shard; one identity, so one row. */
function paddedEvent(
  run: VerifyRun,
  paddingBytes: number,
): { readonly path: string; readonly text: string } {
  // Without an identity, each post would become its own row.
  const eventType = run.target.eventTypes.find(({ identity }) => identity !== undefined);
  if (!eventType) throw new NotApplicable('no event type has an identity');
  const { text } = run.event(eventType, 'full');
  return {
    path: `/v1/events/${eventType.name}`,
    text: `${text.slice(0, -1)},"padding":"${'x'.repeat(paddingBytes)}"}`,
  };
}

/** Sends several requests at the same time until one is refused. */
async function firstRefusal(
  most: number,
  atOnce: number,
  ask: () => Promise<Answer>,
): Promise<Answer | undefined> {
  for (let asked = 0; asked < most; asked += atOnce) {
    const answers = await Promise.all(Array.from({ length: atOnce }, ask));
    // An answer that reports refused events with the wrong status is of interest too.
    const other = answers.find(({ status, text }) => status !== 200 || text.includes('"index"'));
    if (other) return other;
  }
  return undefined;
}

const retryAfter = (answer: Answer): string => {
  const value = answer.headers.get('retry-after');
  if (value === null) throw new Unexpected(`${said(answer)}, without Retry-After`);
  return `Retry-After: ${value}`;
};

const notLimited = ({ target }: VerifyRun): Error =>
  target.isLocal
    ? new NotApplicable('the local stack was started without --stream-limits')
    : new Unexpected(`every request was taken; the stream has more shards than ${maxBatches}`);
