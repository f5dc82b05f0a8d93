import { incomingOfKey, incomingPrefix } from '@sluice/lake-layout';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface IncomingWatcherOptions {
  /** Folder of the bucket's objects. */
  readonly bucketFolder: string;
  /** Called once for each dropped file, when it no longer grows. */
  readonly onFile: (file: { readonly key: string; readonly bytes: number }) => void;
  /** Milliseconds between two checks; a file is complete if nothing changed between them. @default 2,000 */
  readonly everyMs?: number;
}

export interface IncomingWatcher {
  close(): Promise<void>;
}

/**
 * Watches for files that are copied into the folder `incoming/<event type>/` of the lake, bypassing the S3 endpoint,
 * which sends events only for its own writes. It polls, because file system notifications do not work in containers
 * and network folders.
 */
export function watchIncoming({
  bucketFolder,
  onFile,
  everyMs = 2_000,
}: IncomingWatcherOptions): IncomingWatcher {
  /** Size and time of each file at the last check, and whether it was reported. */
  let known = new Map<string, { readonly mark: string; readonly isReported: boolean }>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const look = async (): Promise<void> => {
    const seen: typeof known = new Map();
    for (const key of await keysBelow(bucketFolder)) {
      const info = await stat(join(bucketFolder, key)).catch(() => undefined);
      if (!info?.isFile()) continue;
      const mark = `${info.size} ${info.mtimeMs}`;
      const before = known.get(key);
      const isSame = before?.mark === mark;
      if (isSame && !before.isReported && !isClosed) onFile({ key, bytes: info.size });
      seen.set(key, { mark, isReported: isSame });
    }
    known = seen;
  };
  const lookOn = (): Promise<void> =>
    look().finally(() => {
      if (isClosed) return;
      timer = setTimeout(() => {
        running = lookOn();
      }, everyMs).unref();
    });
  let running = lookOn();
  return {
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await running;
    },
  };
}

async function keysBelow(bucketFolder: string): Promise<readonly string[]> {
  const names = await readdir(join(bucketFolder, incomingPrefix), { recursive: true }).catch(
    () => [],
  );
  return names
    .map((name) => `${incomingPrefix}${name.replaceAll('\\', '/')}`)
    .filter((key) => incomingOfKey(key) !== undefined);
}
