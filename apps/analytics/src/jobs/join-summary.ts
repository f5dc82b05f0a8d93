import { tableName, type Join } from '@sluice/event-schema';

/** Description of a join in the API's answers; stored beside the bundle as JSON. */
export interface JoinSummary {
  readonly name: string;
  readonly description?: string;
  readonly left: string;
  readonly right: string;
  readonly type: Join['type'];
  readonly schedule: string;
  readonly engine: Join['engine'];
}

export const joinSummary = ({
  name,
  description,
  left,
  right,
  type,
  schedule,
  engine,
}: Join): JoinSummary => ({
  name,
  ...(description !== undefined && { description }),
  left: tableName(left),
  right: right.name,
  type,
  schedule,
  engine,
});
