import type { ReferenceTable } from '@sluice/event-schema';
import { matches } from './matches';
import { players } from './players';
import { teams } from './teams';

export { matches, players, teams };

/** All reference tables that ship. A new one must be added here. */
export const shippedReferences: readonly ReferenceTable[] = [players, teams, matches];
