import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';

interface PostedFile {
  readonly event: string;
  readonly content: string;
  readonly at: string;
}

/** Files that were posted into a data directory: one JSON object a line. */
export class PostedFiles {
  constructor(private readonly path: string) {}

  /** When a file of this content was posted as this event type for the first time; undefined where it was not. */
  postedAt(file: string, event: string): string | undefined {
    const content = contentOf(file);
    return this.#lines().find((line) => line.event === event && line.content === content)?.at;
  }

  add(file: string, event: string, at: Date): void {
    const line: PostedFile = { event, content: contentOf(file), at: at.toISOString() };
    appendFileSync(this.path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }

  #lines(): readonly PostedFile[] {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    return text.split('\n').flatMap((line): readonly PostedFile[] => {
      try {
        return line === '' ? [] : [JSON.parse(line) as PostedFile];
      } catch {
        // The last one of a process that was killed.
        return [];
      }
    });
  }
}

const sampleBytes = 1 << 20;

/** Names a content by its length, its beginning and its end, so that a file of any size takes a moment. */
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
