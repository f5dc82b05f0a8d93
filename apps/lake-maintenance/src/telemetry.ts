import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { MaintenanceSummary } from './maintain';

/** Telemetry of the function. */
export interface Telemetry {
  /** Puts the invocation's ids on the log lines that follow. */
  invocationBegins(context: Context): void;
  maintained(summary: MaintenanceSummary): void;
  /** Counts spans that no collector took. */
  spansDropped(spans: number, reason: string): void;
  /** Reports that the spans of delivered rows could not be sent. */
  deliverySpansFailed(error: unknown, table: string): void;
}

/**
 * Writes log lines as JSON. The stack makes metrics of the line `compacted`, which is written for each day that was
 * worked on (whether it is complete, and how many raw files could not be read), and of the line `published`, which is
 * written for each table (how far it lags), of the line `erased`, which is written for each erasure (how late it is),
 * and of the line `expired`, which is written for each table (how overdue its oldest data is).
 */
export function lambdaTelemetry(): Telemetry {
  const logger = new Logger({ serviceName: 'lake-maintenance' });
  const metrics = new Metrics({ serviceName: 'lake-maintenance' });
  return {
    spansDropped: (spans, reason) => {
      logger.warn('spans were dropped', { spans, reason });
      metrics.addMetric('spansDropped', MetricUnit.Count, spans);
      metrics.publishStoredMetrics();
    },
    deliverySpansFailed: (error, table) =>
      logger.error('can not tell which recorded rows were delivered', {
        error: error as Error,
        table,
      }),
    invocationBegins: (context) => logger.addContext(context),
    maintained: (summary) => {
      if (summary.action === 'replay') {
        logger.info('replayed', { ...summary });
        return;
      }
      if (summary.action === 'sweep-results') {
        logger.info('swept results', { ...summary });
        return;
      }
      if (summary.action === 'expire') {
        for (const { days, ...table } of summary.tables) {
          const count = days.length;
          const rows = days.reduce((sum, day) => sum + day.rows, 0);
          logger.info('expired', { ...table, days: count, rows, first: days[0]?.date });
        }
        return;
      }
      if (summary.action === 'take-incoming') {
        for (const file of summary.files)
          logger[file.status === 'refused' ? 'error' : 'info']('took a dropped file', { ...file });
        if (summary.unknown.length > 0)
          logger.error('no event type has the name of a folder below incoming/', {
            keys: summary.unknown.slice(0, 10),
            count: summary.unknown.length,
          });
        return;
      }
      if (summary.action === 'erase') {
        for (const erasure of summary.erasures)
          logger[erasure.state === 'failed' ? 'error' : 'info']('erased', { ...erasure });
        return;
      }
      for (const { table, unreadable, unnamed } of summary.changedDefinitions)
        logger[unreadable.length > 0 ? 'error' : 'warn'](
          'a definition has changed over stored rows; what it does not name stays in "unmapped"',
          { table, unreadable, unnamed },
        );
      for (const { fault, ...published } of summary.published) {
        logger.info('published', { ...published, days: published.days.length });
        if (fault !== undefined)
          logger.error('can not publish a table', { table: published.table, fault });
      }
      for (const day of summary.days) {
        logger.info('compacted', { ...day, refused: day.refused.length });
        for (const refused of day.refused) logger.error('can not read a raw file', { ...refused });
      }
    },
  };
}
