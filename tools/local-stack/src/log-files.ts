import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

/** Log files in a folder, one for each thing that logs, as CloudWatch has log groups. */
export class LogFiles {
  readonly #folder: string;
  readonly #streams = new Map<string, WriteStream>();

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
  }

  /** A function that appends lines to `<name>.log`. */
  logger(name: string): (line: string) => void {
    return (line) => {
      let stream = this.#streams.get(name);
      if (!stream) {
        stream = createWriteStream(join(this.#folder, `${name}.log`), { flags: 'a' });
        this.#streams.set(name, stream);
      }
      stream.write(line.endsWith('\n') ? line : `${line}\n`);
    };
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#streams.values()].map(
        (stream) => new Promise<void>((resolve) => stream.end(() => resolve())),
      ),
    );
  }
}
