import { NotApplicable } from '@sluice/checks';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { ObjectNotFoundError, type ObjectStore } from '@sluice/lake-layout';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Row } from '../compare-row';

/** More rows of a day are not read here. */
const maxRows = 500_000;
const longestMs = 120_000;

type Message =
  | {
      readonly id: number;
      readonly key: string;
      readonly range?: { readonly start: number; readonly end: number };
    }
  | { readonly rows: readonly Row[] }
  | { readonly tooMany: number }
  | { readonly fault: string };

/**
 * Reads rows of a published table by icebird, which knows nothing of the lake: it gets the table's address, and asks
 * for objects.
 *
 * @param within part of the paths of the data files whose rows are wanted
 * @throws NotApplicable where there are more rows than are read here
 */
export async function readByIcebird({
  store,
  tableUrl,
  metadataFile,
  within,
}: {
  readonly store: Pick<ObjectStore, 'get'>;
  readonly tableUrl: string;
  readonly metadataFile: string;
  readonly within: string;
}): Promise<readonly Row[]> {
  const program = join(workspaceRoot(), 'tools', 'verify', 'src', 'iceberg', 'icebird-worker.mjs');
  const worker = new Worker(program, {
    workerData: { tableUrl, metadataFile, within, maxRows },
  });
  const timer = setTimeout(() => void worker.terminate(), longestMs);
  try {
    return await new Promise((resolve, reject) => {
      worker.on('error', reject);
      worker.on('exit', () => reject(new Error('icebird did not end in time')));
      worker.on('message', (message: Message) => {
        if ('rows' in message) resolve(message.rows);
        else if ('fault' in message) reject(new Error(message.fault));
        else if ('tooMany' in message)
          reject(new NotApplicable(`the day has ${message.tooMany} rows, too many to read here`));
        else
          get(store, message)
            .then((answer) => worker.postMessage({ id: message.id, ...answer }))
            .catch((error: unknown) =>
              worker.postMessage({ id: message.id, fault: String(error) }),
            );
      });
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

async function get(
  store: Pick<ObjectStore, 'get'>,
  { key, range }: Extract<Message, { readonly key: string }>,
): Promise<{ readonly bytes?: Uint8Array; readonly totalBytes?: number }> {
  try {
    const { bytes, totalBytes } = await store.get(key, range ? { range } : {});
    return { bytes, totalBytes };
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return {};
    throw error;
  }
}
