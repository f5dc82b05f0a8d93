import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { parseTexts, readOwnFile, writeWhole } from '@sluice/local-state-files';

interface PostedFile {
  readonly event: string;
  readonly content: string;
  readonly at: string;
}

/** Records which files were posted into a data directory, one JSON object in each line. */
export class PostedFiles {
  constructor(private readonly path: string) {}

  /**
   * Returns when a file with this content was first posted as this event type; undefined where it was not.
   *
   * @throws {@link DamagedFileError}
   */
  postedAt(file: string, event: string): string | undefined {
    const content = contentOf(file);
    return this.#lines().find((line) => line.event === event && line.content === content)?.at;
  }

  /** Adds a file. @throws {@link DamagedFileError} */
  add(file: string, event: string, at: Date): void {
    const line: PostedFile = { event, content: contentOf(file), at: at.toISOString() };
    writeWhole(
      this.path,
      [...this.#lines(), line].map((each) => `${JSON.stringify(each)}\n`).join(''),
    );
  }

  #lines(): readonly PostedFile[] {
    const remedy =
      'delete the line, or the file: then nothing warns of a file that was posted before';
    return readOwnFile(this.path, postedFiles, remedy) ?? [];
  }
}

const postedFiles = (text: string): readonly PostedFile[] =>
  // An earlier release may have been killed while it wrote the last line, which then has no end.
  text
    .split('\n')
    .slice(0, -1)
    .flatMap((line, index) => {
      try {
        return line === '' ? [] : [parseTexts(line, ['event', 'content', 'at'])];
      } catch {
        throw new Error(`its line ${index + 1} is none of a posted file`);
      }
    });

const sampleBytes = 1 << 20;

/**
 * Returns an identifier of a content from its length, its beginning and its end, so that a file of any size takes
 * only a moment.
 */
function contentOf(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const hash = createHash('sha256').update(`${size}\n`);
    const bytes = Buffer.alloc(sampleBytes);
    for (const start of [0, Math.max(0, size - sampleBytes)])
      hash.update(bytes.subarray(0, readSync(descriptor, bytes, 0, sampleBytes, start)));
    return hash.digest('hex');
  } finally {
    closeSync(descriptor);
  }
}
