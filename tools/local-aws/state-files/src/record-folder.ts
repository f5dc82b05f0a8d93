import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from './own-file';

/** A folder of JSON files by id, which keeps records over a restart. */
export class RecordFolder<T extends object> {
  readonly #folder: string;
  readonly #records = new Map<string, T>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Reads the existing records. The folder is only created by the first {@link put}. */
  open(): readonly T[] {
    for (const name of this.#names()) {
      const record = readRecord(join(this.#folder, name)) as T | undefined;
      if (record) this.#records.set(name.slice(0, -'.json'.length), record);
    }
    return [...this.#records.values()];
  }

  get(id: string): T | undefined {
    return this.#records.get(id);
  }

  all(): readonly T[] {
    return [...this.#records.values()];
  }

  /** Writes a record. @param id letters, digits, `-` and `_` only */
  put(id: string, record: T): void {
    if (!/^[\w-]{1,128}$/.test(id)) throw new RangeError(`"${id}" is no id of a record`);
    mkdirSync(this.#folder, { recursive: true });
    this.#records.set(id, record);
    writeWhole(join(this.#folder, `${id}.json`), JSON.stringify(record));
  }

  delete(id: string): void {
    this.#records.delete(id);
    rmSync(join(this.#folder, `${id}.json`), { force: true });
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#folder).filter((name) => name.endsWith('.json'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }
}

/** Reads a record. @returns undefined for a file that a crash left unreadable */
function readRecord(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
