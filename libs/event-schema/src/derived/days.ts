import type { ParameterDefinition } from '../definitions/query-parameter';

/** Parameters of queries over a range of days of arrival. */
export const days = {
  from: { type: 'date', description: 'First day of arrival, UTC.' },
  to: { type: 'date', description: 'Last day of arrival, UTC, inclusive.' },
} as const satisfies Readonly<Record<string, ParameterDefinition>>;
