// A separate process, because a query can occupy a processor, its memory is freed when the process ends, and a crash
// of the engine then only fails a query.
import { setPriority, constants } from 'node:os';
import { removeStaleSnapshots } from './file-snapshot';
import { runQuery, type Query, type QueryEngineOptions, type QueryOutcome } from './query-engine';

export type QueryWorkerRequest =
  | { readonly kind: 'open'; readonly options: QueryEngineOptions }
  | { readonly kind: 'run'; readonly query: Query }
  | { readonly kind: 'cancel'; readonly id: string };

export interface QueryWorkerResponse {
  readonly id: string;
  readonly outcome: QueryOutcome;
}

let options: QueryEngineOptions | undefined;
const running = new Map<string, AbortController>();

process.on('message', (request: QueryWorkerRequest) => {
  switch (request.kind) {
    case 'open':
      options = request.options;
      void removeStaleSnapshots(options.objects);
      return;
    case 'cancel':
      running.get(request.id)?.abort();
      return;
    case 'run':
      void answer(request.query);
  }
});

async function answer(query: Query): Promise<void> {
  if (!options) throw new Error('a query came before the catalog');
  const controller = new AbortController();
  running.set(query.id, controller);
  let outcome: QueryOutcome;
  try {
    outcome = await runQuery(options, query, controller.signal);
  } catch (error) {
    outcome = { ok: false, message: (error as Error).message };
  }
  running.delete(query.id);
  process.send?.({ id: query.id, outcome } satisfies QueryWorkerResponse);
}

// Ctrl-C in a terminal reaches every process; the stack decides when this one ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit());
// The processes that accept events have priority.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
