import type { Column } from './columns';
import type { JsonSchema } from './json-schema';

/** Decides whether a column is restricted: by its own schema, or by one inside its JSON text. */
export const isRestricted = ({ schema }: Pick<Column, 'schema'>): boolean => restricts(schema);

const restricts = ({ access, items, anyOf = [], properties = {} }: JsonSchema): boolean =>
  access === 'restricted' ||
  (items !== undefined && restricts(items)) ||
  anyOf.some(restricts) ||
  Object.values(properties).some(restricts);
