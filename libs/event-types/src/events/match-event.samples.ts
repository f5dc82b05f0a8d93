import type { EventOf } from '@sluice/event-schema';
import type { SampleMaker } from './sample-maker';
import type { matchEvent } from './match-event';

const kinds = [
  {
    id: 8,
    name: 'Pass',
    subs: [
      [85, 'Simple pass'],
      [83, 'High pass'],
      [82, 'Head pass'],
    ],
  },
  {
    id: 1,
    name: 'Duel',
    subs: [
      [10, 'Air duel'],
      [12, 'Ground defending duel'],
    ],
  },
  { id: 10, name: 'Shot', subs: [[100, 'Shot']] },
  { id: 6, name: 'Offside', subs: [['', '']] },
] as const;

/**
 * First id of sample events, far from those in the data set: a sample with the id of a real event would make that
 * event count as a copy.
 */
const sampleIdsFrom = 900_000_000;
const playersInTeam = 11;
const eventsInMatch = 1_600;

export const sampleMatchEvent: SampleMaker<EventOf<typeof matchEvent>> = (random, index) => {
  const match = Math.floor(index / eventsInMatch);
  const kind = random.chance(0.7) ? kinds[0] : random.pick(kinds);
  const [subEventId, subEventName] = random.pick(kind.subs);
  const teamId = 4_000 + match * 2 + random.integer(0, 1);
  const second = ((index % eventsInMatch) / eventsInMatch) * 5_800;
  const place = (): { x: number; y: number } => ({
    x: random.integer(0, 100),
    y: random.integer(0, 100),
  });
  return {
    id: sampleIdsFrom + index,
    eventId: kind.id,
    eventName: kind.name,
    subEventId,
    subEventName,
    playerId: teamId * 20 + random.integer(1, playersInTeam),
    teamId,
    matchId: sampleIdsFrom + match,
    matchPeriod: second < 2_900 ? '1H' : '2H',
    eventSec: second % 2_900,
    positions: random.chance(0.99) ? [place(), place()] : [place()],
    tags: random.chance(0.9) ? [{ id: random.pick([1801, 1802, 703, 101]) }] : [],
  };
};
