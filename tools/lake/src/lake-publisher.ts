import type { EventType } from '@sluice/event-schema';
import type { TablePublisher } from '@sluice/lake-maintenance';
import type { OpenedLake } from './open-lake';

/** Returns a publisher of a table of a lake, which also updates the lake's catalog. */
export async function lakePublisher(
  { store, bucket, glue }: Pick<OpenedLake, 'store' | 'bucket' | 'glue'>,
  eventType: EventType,
): Promise<TablePublisher> {
  const maintenance = await import('@sluice/lake-maintenance');
  const catalog = glue && new maintenance.GluePointer(glue);
  return new maintenance.TablePublisher({ store, bucket, eventType, ...(catalog && { catalog }) });
}
