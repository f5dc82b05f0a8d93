import { nodeShape, pathText } from '@sluice/event-schema';
import type { ChosenField } from './choose-columns';
import { soundsLikeId } from './sounds-like-id';

/** A field that could be the key: scalar, in every event, never null, and (nearly) unique. */
export interface KeyProposal {
  readonly path: string;
  /** Number of distinct values among all events; exact, or estimated from a sample. */
  readonly distinct: number;
  readonly exact: boolean;
  /** True if no value was seen twice (in the sample, where not exact). */
  readonly unique: boolean;
}

/** A field that could be the time of the event. */
export interface TimeProposal {
  readonly path: string;
  readonly present: number;
  readonly kind: 'timestamp' | 'date' | 'epoch seconds' | 'epoch milliseconds';
}

const nearlyUnique = 0.9;
const keyKinds: ReadonlySet<string> = new Set(['string', 'bigint']);
const keyLikeName =
  /(?:^|[^a-z])(?:id|uuid|guid|key|number|no|nr|code|sku|ref)$|(?:Id|ID|Key|Number|Uuid|UUID)$/;

export const columnKind = ({ decision }: ChosenField): string => {
  const shape = nodeShape(decision.schema);
  return shape.shape === 'column' ? shape.type.kind : 'object';
};

/** Proposes keys, the best first: names that sound like a key, then the less nested, then the first seen. */
export function proposeKeys(
  chosen: readonly ChosenField[],
  events: number,
): readonly KeyProposal[] {
  const score = ({ path }: ChosenField): number =>
    (keyLikeName.test(path.at(-1) ?? '') ? 0 : maxNesting) + path.length;
  return chosen
    .filter((candidate) => keyKinds.has(columnKind(candidate)) && candidate.field.always)
    .flatMap((candidate) => {
      const { sample } = candidate.field;
      if (!sample) return [];
      const distinct = Math.min(
        events,
        sample.exact ? sample.distinct : Math.round(events * sample.uniqueShare),
      );
      return distinct >= events * nearlyUnique ? [{ candidate, sample, distinct }] : [];
    })
    .sort((a, b) => score(a.candidate) - score(b.candidate))
    .map(({ candidate, sample, distinct }) => ({
      path: pathText(candidate.path),
      distinct,
      exact: sample.exact,
      unique: sample.sampled.repeated === 0,
    }));
}

const maxNesting = 1_000;

/** A field that could be an index: an id beside the key, such as that of a session or a device. None is set. */
export interface IndexProposal {
  readonly path: string;
  /** Number of distinct values; exact, or estimated from a sample. */
  readonly distinct: number;
  readonly exact: boolean;
  /** Mean number of events that have the same value, of those that have one. */
  readonly eventsPerValue: number;
}

/** Fewer values than this are a category. */
const minIndexValues = 10;
/** Mean number of events of a value beyond which reading all of its rows costs more than an index saves. */
const maxEventsPerValue = 100;

/** Proposes indexes: fields whose name sounds like an id and whose values are many; those of the fewest events first. */
export function proposeIndexes(
  chosen: readonly ChosenField[],
  taken: readonly (string | undefined)[],
): readonly IndexProposal[] {
  return chosen
    .flatMap((candidate): readonly IndexProposal[] => {
      const path = pathText(candidate.path);
      const { sample, present } = candidate.field;
      const isId = soundsLikeId(candidate.path.at(-1) ?? '') && keyKinds.has(columnKind(candidate));
      if (!sample || !isId || taken.includes(path)) return [];
      const distinct = sample.exact ? sample.distinct : Math.round(present * sample.uniqueShare);
      const eventsPerValue = distinct === 0 ? Infinity : Math.max(1, present / distinct);
      return distinct >= minIndexValues && eventsPerValue <= maxEventsPerValue
        ? [{ path, distinct, exact: sample.exact, eventsPerValue }]
        : [];
    })
    .sort((a, b) => a.eventsPerValue - b.eventsPerValue);
}

const timeLikeName = /time|date|_at$|At$|^ts$|_ts$|stamp|epoch|created|updated|when/i;
const [minEpochSeconds, maxEpochSeconds] = [946_684_800, 4_102_444_800];

/** Proposes times of the event: fields that every event has come first, and among them the first seen. */
export function proposeTimes(chosen: readonly ChosenField[]): readonly TimeProposal[] {
  return chosen
    .flatMap((candidate): readonly (TimeProposal & { rank: number })[] => {
      const kind = timeKind(candidate);
      if (!kind) return [];
      const rank = (candidate.field.always ? 0 : 1) + (kind === 'timestamp' ? 0 : 2);
      return [{ path: pathText(candidate.path), present: candidate.field.present, kind, rank }];
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ path, present, kind }) => ({ path, present, kind }));
}

function timeKind(candidate: ChosenField): TimeProposal['kind'] | undefined {
  const { field, path } = candidate;
  switch (columnKind(candidate)) {
    case 'timestamp':
      return 'timestamp';
    case 'date':
      return 'date';
    case 'bigint': {
      if (!timeLikeName.test(path.at(-1) ?? '')) return undefined;
      const within = (factor: number): boolean =>
        field.minInteger >= minEpochSeconds * factor &&
        field.maxInteger <= maxEpochSeconds * factor;
      if (within(1)) return 'epoch seconds';
      return within(1_000) ? 'epoch milliseconds' : undefined;
    }
    default:
      return undefined;
  }
}
