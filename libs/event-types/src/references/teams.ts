import { Type } from '@sinclair/typebox';
import { defineReference } from '@sluice/event-schema';
import { area } from './area';

/** Teams of the public soccer data set of Pappalardo et al. (Scientific Data 6, 236, 2019), as published. */
export const teams = defineReference({
  name: 'teams',
  description: 'Clubs and national teams.',
  key: 'wyId',
  schema: Type.Object({
    wyId: Type.Integer({ description: 'Unique over all teams.' }),
    name: Type.String({ description: 'Some letters are escaped twice: Alav\\u00e9s.' }),
    officialName: Type.String(),
    city: Type.String(),
    area,
    type: Type.String({ description: 'club or national.' }),
  }),
});
