import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Progress of taking a file, for the next run of the same command. */
export interface Resume {
  /** Line or element up to which everything is accepted or finally left out. */
  readonly position: number;
  readonly accepted: number;
  readonly rejected: number;
  /** True where the whole file was taken. */
  readonly isDone: boolean;
}

interface StoredResume extends Resume {
  readonly formatVersion: 1;
  readonly file: string;
  /**
   * Size of the file in bytes; together with the time of its last change it shows whether the file is still the same.
   */
  readonly bytes: number;
  readonly modifiedMs: number;
}

export interface ResumeFileOptions {
  /** Folder for the notes, created where it is missing. */
  readonly folder: string;
  readonly file: string;
  readonly eventType: string;
  /** Ingest API to which the file is posted. */
  readonly endpoint: string;
}

/** Keeps the progress of taking a file into an event type of a gateway. */
export class ResumeFile {
  readonly #path: string;
  readonly #folder: string;
  readonly #file: string;

  constructor({ folder, file, eventType, endpoint }: ResumeFileOptions) {
    this.#folder = folder;
    this.#file = resolve(file);
    const id = JSON.stringify([this.#file, eventType, endpoint]);
    this.#path = join(folder, `${createHash('sha256').update(id).digest('hex').slice(0, 32)}.json`);
  }

  /** Returns the progress that an earlier run noted; undefined where there was none, or the file has changed since. */
  read(): Resume | undefined {
    let stored: StoredResume;
    try {
      stored = JSON.parse(readFileSync(this.#path, 'utf8')) as StoredResume;
    } catch {
      return undefined;
    }
    const { size, mtimeMs } = statSync(this.#file);
    if (stored.bytes !== size || stored.modifiedMs !== mtimeMs) return undefined;
    const { position, accepted, rejected, isDone } = stored;
    return { position, accepted, rejected, isDone };
  }

  /** Notes the progress. @returns false where it can't be noted, as on a full disk */
  write(resume: Resume): boolean {
    try {
      this.#write(resume);
      return true;
    } catch {
      return false;
    }
  }

  #write(resume: Resume): void {
    const { size, mtimeMs } = statSync(this.#file);
    const stored: StoredResume = {
      formatVersion: 1,
      file: this.#file,
      bytes: size,
      modifiedMs: mtimeMs,
      ...resume,
    };
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(`${this.#path}.draft`, JSON.stringify(stored));
    renameSync(`${this.#path}.draft`, this.#path);
  }
}
