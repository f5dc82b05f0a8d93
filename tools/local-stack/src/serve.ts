import { tableName } from '@sluice/event-schema';
import { ingestedSentence, runnableJoin, tablesWithRows } from '@sluice/lake';
import { basename } from 'node:path';
import { openInBrowser } from './open-in-browser';
import { prepareChangedTemplates } from './prepare-templates';
import { isSample, newSample } from './sample';
import { interrupted, type Session } from './session';
import { cutShortText, postSourceFile } from './source-file';
import type { DefinitionsWatch } from './watch-definitions';
import { welcome } from './welcome';

/**
 * Serves until the user stops it, then delivers what is buffered. Ingests the file of `--ingest` first, and restarts
 * the stack when definitions change.
 *
 * @returns the exit code
 */
export async function serve(
  session: Session,
  shown: { readonly startedInMs: number; readonly hasNewSamples: boolean },
  watch: DefinitionsWatch,
): Promise<number> {
  const { source, stop, over, dataDir } = session;
  const { stdout, stderr } = session.terminal;
  let isCutShort = false;
  const { console } = session.stack.endpoints;
  if (session.options.open && console !== undefined) openInBrowser(console);
  if (!source) stdout.write(await welcomeText(session, shown));
  else {
    const result = await postSourceFile(source, session);
    if (over.aborted) return 1;
    isCutShort = result.isCutShort === true;
    if (isCutShort) stdout.write(cutShortText(source, result));
    else {
      const { stack } = session;
      const { file, eventType } = source;
      await stack.flush();
      await stack.compacted();
      const { rowsDelivered: rows, recordsFailed: failed } = stack.deliveryStats(
        tableName(eventType),
      );
      const counts = { ...result, rows, failed };
      const sentence = ingestedSentence({
        ...counts,
        file: basename(file),
        eventType: eventType.name,
      });
      stdout.write(`\n${sentence}\n${await welcomeText(session, shown)}`);
    }
  }
  while ((await changeOrStop(watch, stop)) === 'changed') {
    if (over.aborted) return 1;
    const changed = await prepareChangedTemplates(dataDir, stderr);
    if (!changed) continue;
    await session.restart(changed);
    stderr.write('The stack serves them now.\n');
  }
  if (over.aborted) return 1;
  stderr.write('Delivering what is buffered (Ctrl-C again leaves it for the next start) …\n');
  await session.stack.flush();
  await session.stack.compacted();
  stderr.write('Everything is delivered and compacted.\n');
  return isCutShort ? interrupted : 0;
}

/** Resolves when the definitions change, or the user stops the stack. */
async function changeOrStop(
  watch: DefinitionsWatch,
  stop: AbortSignal,
): Promise<'changed' | 'stop'> {
  const unwatch = new AbortController();
  try {
    return await Promise.race([
      aborted(stop).then(() => 'stop' as const),
      watch.changed(unwatch.signal).then(() => 'changed' as const),
    ]);
  } finally {
    unwatch.abort();
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

async function welcomeText(
  { stack: { endpoints, lake, deliverySeconds }, templates: { definitions }, dataDir }: Session,
  shown: { readonly startedInMs: number; readonly hasNewSamples: boolean },
): Promise<string> {
  const tables = await tablesWithRows(lake, definitions.catalog.eventTypes);
  const own = tables.filter(({ eventType }) => !isSample(eventType));
  const sample = newSample();
  return welcome({
    ...shown,
    endpoints,
    dataDir: dataDir.path,
    deliverySeconds,
    sample: own.length === 0 ? sample : undefined,
    tables:
      own.length > 0
        ? own
        : tables.filter(({ eventType }) => eventType.name === sample.eventType.name),
    join: await runnableJoin(lake, tables),
  });
}
