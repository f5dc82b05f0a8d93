import {
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
  statSync,
  type WriteStream,
} from 'node:fs';
import { join } from 'node:path';

export interface LogFilesOptions {
  readonly folder: string;
  /** Largest size of a file in bytes; the previous file is kept as `<name>.1.log`. @default 8 MiB */
  readonly maxBytes?: number;
  /** Called with a sentence each time that lines begin to be lost. */
  readonly warn?: (sentence: string) => void;
}

const defaultMaxBytes = 8 << 20;

/** Milliseconds for which lines are dropped after a failure, before a file is opened again. */
const pauseMs = 5_000;

/**
 * Keeps log files in a folder, one for each source of log lines, like the log groups of CloudWatch. Logs are bounded,
 * and never end the program: where one can't be written (a full disk, too many open files), lines are lost and a
 * warning is given.
 */
export class LogFiles {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #warn: (sentence: string) => void;
  readonly #files = new Map<string, LogFile>();
  #isWarned = false;

  constructor({ folder, maxBytes = defaultMaxBytes, warn = () => undefined }: LogFilesOptions) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#warn = warn;
    try {
      mkdirSync(folder, { recursive: true });
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  /** Returns a function that appends lines to `<name>.log`. */
  logger(name: string): (line: string) => void {
    let file = this.#files.get(name);
    if (!file) {
      file = new LogFile({
        path: join(this.#folder, `${name}.log`),
        previousPath: join(this.#folder, `${name}.1.log`),
        maxBytes: this.#maxBytes,
        onFailed: (error) => this.#failed(error),
        onWritten: () => (this.#isWarned = false),
      });
      this.#files.set(name, file);
    }
    const one = file;
    return (line) => one.append(line.endsWith('\n') ? line : `${line}\n`);
  }

  /** Writes everything and closes the files. Never rejects. */
  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.close()));
  }

  #failed({ message }: Error): void {
    if (this.#isWarned) return;
    this.#isWarned = true;
    this.#warn(`logs can't be written to ${this.#folder} (${message}); lines are lost meanwhile`);
  }
}

class LogFile {
  readonly #path: string;
  readonly #previousPath: string;
  readonly #maxBytes: number;
  readonly #onFailed: (error: Error) => void;
  readonly #onWritten: () => void;
  #stream: WriteStream | undefined;
  /** Size of the file once everything handed to the stream is written. */
  #bytes = 0;
  /** Resolves when the full file is renamed. */
  #turning: Promise<void> | undefined;
  readonly #waiting: string[] = [];
  #pausedUntilMs = Number.NEGATIVE_INFINITY;

  constructor({
    path,
    previousPath,
    maxBytes,
    onFailed,
    onWritten,
  }: {
    readonly path: string;
    readonly previousPath: string;
    readonly maxBytes: number;
    readonly onFailed: (error: Error) => void;
    readonly onWritten: () => void;
  }) {
    this.#path = path;
    this.#previousPath = previousPath;
    this.#maxBytes = maxBytes;
    this.#onFailed = onFailed;
    this.#onWritten = onWritten;
  }

  append(text: string): void {
    if (performance.now() < this.#pausedUntilMs) return;
    if (this.#turning) {
      this.#waiting.push(text);
      return;
    }
    try {
      const stream = (this.#stream ??= this.#open());
      stream.write(text, (error) => {
        if (!error) this.#onWritten();
      });
      this.#bytes += Buffer.byteLength(text);
      if (this.#bytes >= this.#maxBytes) this.#turn();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  async close(): Promise<void> {
    // The lines that waited may have filled the next file too.
    while (this.#turning) await this.#turning;
    const stream = this.#stream;
    this.#stream = undefined;
    if (!stream || stream.destroyed) return;
    await new Promise<void>((resolve) => {
      stream.once('close', () => resolve());
      stream.end();
    });
  }

  #open(): WriteStream {
    this.#bytes = existsSync(this.#path) ? statSync(this.#path).size : 0;
    const stream = createWriteStream(this.#path, { flags: 'a' });
    stream.on('error', (error) => {
      if (this.#stream === stream) this.#fail(error);
      else this.#onFailed(error); // closed before it was open, as on a busy machine
    });
    return stream;
  }

  /** Begins a new file. Lines that arrive before the full one is renamed wait for it. */
  #turn(): void {
    const full = this.#stream;
    this.#stream = undefined;
    if (!full) return;
    this.#turning = new Promise((resolve) => {
      full.once('close', () => {
        try {
          renameSync(this.#path, this.#previousPath);
        } catch (error) {
          this.#onFailed(error as Error);
        }
        const waiting = this.#waiting.splice(0);
        this.#turning = undefined;
        for (const text of waiting) this.append(text);
        resolve();
      });
    });
    full.end();
  }

  #fail(error: Error): void {
    this.#stream = undefined;
    this.#pausedUntilMs = performance.now() + pauseMs;
    this.#onFailed(error);
  }
}
