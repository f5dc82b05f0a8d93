import type { ReferenceTable } from '@sluice/event-schema';
import { matches } from './matches';
import { players } from './players';
import { teams } from './teams';

export { matches, players, teams };

/** Every reference table that ships; one exists once it stands here. */
export const shippedReferences: readonly ReferenceTable[] = [players, teams, matches];
