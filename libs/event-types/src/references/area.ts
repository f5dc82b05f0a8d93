import { Type } from '@sinclair/typebox';

/** A country or a part of one, as the soccer data set has it. */
export const area = Type.Object({
  id: Type.Union([Type.String(), Type.Integer()], {
    description: 'ISO 3166-1 numeric, a text in some rows and an integer in others.',
  }),
  name: Type.String(),
  alpha2code: Type.String({ description: 'Empty for parts of a country.' }),
  alpha3code: Type.String(),
});
