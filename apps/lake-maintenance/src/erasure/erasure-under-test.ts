// For tests only: erases one person from a small table.
import { defineEvent } from '@sluice/event-schema';
import { bucket, filesOf, noonMs, order } from '../compaction/testing';
import { eraseSubjects, type EraseSubjectsOptions, type ErasureReport } from './erase-subjects';

/** The event type whose rows the tests erase: its key names the person. */
export const eventType = defineEvent({ ...order, subject: 'id' });
/** Name of the person whom the tests erase by default. */
export const marked = 'order-4';

/** Erases one person, and returns the report. */
export async function erase(
  store: EraseSubjectsOptions['store'],
  {
    subject = marked,
    ...options
  }: Partial<EraseSubjectsOptions> & { readonly subject?: string } = {},
): Promise<ErasureReport> {
  const [report] = await eraseSubjects({
    ...{ store, bucket, eventType, chooseLayout: filesOf(4), now: () => noonMs },
    subjects: [{ subject }],
    ...options,
  });
  if (!report) throw new Error('there is no report');
  return report;
}
