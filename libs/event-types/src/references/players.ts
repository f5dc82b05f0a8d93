import { Type } from '@sinclair/typebox';
import { defineReference } from '@sluice/event-schema';
import { area } from './area';

/**
 * Returns the schema of an id that is kept exactly, as JSON text: the source gives an integer, the text "null" or
 * null.
 */
const looseId = (description: string) =>
  Type.Union([Type.Integer(), Type.String(), Type.Null()], { description });

/** Players of the public soccer data set of Pappalardo et al. (Scientific Data 6, 236, 2019), as published. */
export const players = defineReference({
  name: 'players',
  description: 'Who plays: names, role, birth and team.',
  key: 'wyId',
  schema: Type.Object({
    wyId: Type.Integer({ description: 'Unique over all players.' }),
    shortName: Type.String({
      description: 'H. Tekin. Some letters are escaped twice: Begovi\\u0107.',
    }),
    firstName: Type.String(),
    middleName: Type.String({ description: 'Always empty.' }),
    lastName: Type.String(),
    birthDate: Type.String({ format: 'date' }),
    birthArea: area,
    passportArea: area,
    foot: Type.String({ description: 'left, right or both; "" or "null" where it is not known.' }),
    height: Type.Integer({ description: 'Centimetres; 0 where it is not known.' }),
    weight: Type.Integer({ description: 'Kilograms; 0 where it is not known.' }),
    role: Type.Object({
      code2: Type.String({ description: 'GK, DF, MD or FW.' }),
      code3: Type.String({ description: 'GKP, DEF, MID or FWD.' }),
      name: Type.String({ description: 'Goalkeeper, Defender, Midfielder or Forward.' }),
    }),
    currentTeamId: looseId('Club: an integer, null or the text "null".'),
    currentNationalTeamId: looseId('National team: an integer or the text "null".'),
  }),
});
