import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startS3 } from '@sluice/local-s3';
import type { ColumnType } from '@sluice/event-schema';
import { EngineMissing, type Difference, type Engine, type EngineContext } from '../engine';
import { fetchJar, jarFile } from '../maven-jar';
import { errorOf, install, runProgram } from '../run-program';
import { ScanLog, scanFault, scanQueries, type ScanAnswers } from './scan-log';
import { bucket, credentials, PublishedLake, region, type TableRead } from './published-lake';

const versions = {
  pyiceberg: '0.12.0',
  duckdb: '1.5.5',
  polars: '1.34.0',
  spark: '4.0.1',
  icebergSpark: '1.10.0',
} as const;
const readers = ['pyiceberg', 'duckdb', 'polars', 'spark'] as const;
type Reader = (typeof readers)[number];

/** Numbers that an engine reports about each table, in addition to its rows. */
type Notes = Readonly<Record<string, Readonly<Record<string, number>>>>;

export const iceberg: Engine = {
  name: 'iceberg',
  title: 'Engines that read Iceberg',
  compares:
    'The tables that Sluice publishes, read through an S3 endpoint by each engine: the three shipped types, one of 800 leaves, one of every type of column; rows that count once, an older snapshot, after columns were added and widened, and after snapshots expired. Expected are the rows of the files that the manifests of look-ups name, by pyarrow.',
  run: async (context) => {
    const folder = join(context.cache, 'iceberg');
    const python = await installPython(folder, context);
    const objects = join(context.scratch, 's3');
    const log = await ScanLog.start();
    const s3 = await startS3({
      ...{ folder: objects, credentials, region, buckets: [bucket] },
      fault: log.note,
    });
    try {
      const lake = new PublishedLake(s3, objects, join(context.scratch, 'events'));
      await lake.make(context.progress);
      const expected = await readBy('files', python, lake, { ...context, log });
      const differences: Difference[] = [];
      const notes: string[] = [];
      const found: Record<string, string> = {};
      let tried = 0;
      for (const reader of readers) {
        const program = reader === 'spark' ? await installSpark(folder, context, notes) : python;
        if (program === undefined) continue;
        context.progress(`reading by ${reader} …`);
        const answer = await readBy(reader, program, lake, { ...context, log });
        found[reader] = versions[reader];
        if (typeof answer === 'string') {
          differences.push({
            tried: `all tables by ${reader}`,
            ours: 'their rows',
            theirs: answer,
          });
          continue;
        }
        for (const read of lake.reads) {
          tried++;
          const difference = compareRows(read, expected, answer);
          if (difference !== undefined)
            differences.push({ tried: `${read.name} by ${reader}`, ...difference });
        }
        notes.push(...scanNotes(reader, answer.notes));
        for (const { name, scan } of lake.reads)
          for (const query of scan && reader !== 'polars' ? scanQueries : []) {
            if (!scan) continue;
            tried++;
            const requested = log.requested(reader, query);
            const fault = scanFault(query, requested, scan, answer.notes[name] as ScanAnswers);
            const read = `${requested.length} of ${scan.files.length} data files of the day requested`;
            notes.push(`${reader}, ${query} of a sealed day: ${read}.`);
            if (fault !== undefined && !isKnownScan(reader, query))
              differences.push({ tried: `${query} by ${reader}`, ours: read, theirs: fault });
          }
      }
      return { versions: found, tried, differences, known: [], notes };
    } finally {
      await s3.close();
      log.close();
    }
  },
};

/** Decides whether an engine is known to read data files for a query that metadata could answer. */
const isKnownScan = (reader: Reader, query: (typeof scanQueries)[number]): boolean =>
  reader === 'duckdb' && query === 'count';

interface Answer {
  /** Rows of each read, in a common form, sorted. */
  readonly rows: ReadonlyMap<string, readonly string[]>;
  readonly notes: Notes;
}

/** Runs an engine's reader over all tables. @returns its rows, or its output where it failed */
async function readBy(
  reader: Reader | 'files',
  python: string,
  lake: PublishedLake,
  { folder: kept, cache, scratch, root, log }: EngineContext & { readonly log: ScanLog },
): Promise<Answer | string> {
  const outputs = lake.reads.map((_, index) => join(scratch, `${reader}-${index}.ndjson`));
  const planFile = join(scratch, `${reader}.json`);
  const folder = join(cache, 'iceberg');
  writeFileSync(
    planFile,
    JSON.stringify({
      ...credentials,
      region,
      endpoint: lake.endpoint,
      marks: log.url,
      extensions: duckDbExtensions(folder),
      jars: jars.map((jar) => jarFile(folder, jar)),
      reads: lake.reads.map((read, index) => ({ ...read, output: outputs[index] })),
    }),
  );
  const script = join(root, 'tools/conformance/python/read_tables.py');
  const { code, stdout, stderr } = await runProgram(python, [script, reader, planFile], {
    timeoutMs: 900_000,
  });
  // An engine's full report of a fault is long.
  writeFileSync(join(kept, `${reader}.stderr.txt`), stderr);
  if (code !== 0) return `it ended with ${code ?? 'a time-out'}: ${errorOf(stderr)}`;
  return {
    rows: new Map(
      lake.reads.map((read, index) => [read.name, rowsOf(outputs[index] ?? '', read.columns)]),
    ),
    notes: JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Notes,
  };
}

type Columns = TableRead['columns'];

function rowsOf(file: string, columns: Columns): readonly string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const row = JSON.parse(line) as Readonly<Record<string, unknown>>;
      return JSON.stringify(columns.map(({ name, type }) => [name, plain(row[name], type)]));
    })
    .sort();
}

/** Converts a value to a common form, because doubles of one value have several texts. */
function plain(value: unknown, type: ColumnType): unknown {
  if (value === null || value === undefined) return null;
  if (type.kind === 'array')
    return (value as readonly unknown[]).map((one) => plain(one, type.items));
  if (type.kind !== 'double') return value;
  const number = Number(value);
  return Object.is(number, -0) ? '-0' : String(number);
}

/** Compares the rows of a table. @returns a description of the differences; undefined where there are none */
function compareRows(
  { name }: TableRead,
  expected: Answer | string,
  answer: Answer,
): Pick<Difference, 'ours' | 'theirs'> | undefined {
  if (typeof expected === 'string') return { ours: expected, theirs: '' };
  const ours = expected.rows.get(name) ?? [];
  const theirs = answer.rows.get(name) ?? [];
  if (ours.length === 0) return { ours: 'no row is expected: nothing is tried', theirs: '' };
  const at = ours.findIndex((row, index) => row !== theirs[index]);
  if (at < 0 && ours.length === theirs.length) return undefined;
  const [left, right] = [ours[at] ?? '', theirs[at] ?? ''];
  let from = 0;
  while (from < left.length && left[from] === right[from]) from++;
  const cut = (row: string): string => row.slice(Math.max(0, from - 60), from + 60);
  return {
    ours: `${ours.length} rows, … ${cut(left)}`,
    theirs: `${theirs.length} rows, … ${cut(right)}`,
  };
}

const scanNotes = (reader: Reader, notes: Notes): readonly string[] =>
  Object.entries(notes).map(
    ([name, said]) =>
      `${reader}, ${name}: ${Object.entries(said)
        .map(([what, value]) => `${what} ${value}`)
        .join(', ')}.`,
  );

async function installPython(folder: string, { progress }: EngineContext): Promise<string> {
  const environment = join(folder, 'venv');
  const python = join(environment, 'bin', 'python');
  if (!existsSync(python)) {
    progress(`installing pyiceberg ${versions.pyiceberg}, DuckDB ${versions.duckdb} and Polars …`);
    await install('python3', ['-m', 'venv', environment]);
    const extensions = ['iceberg', 'httpfs', 'avro'].map(
      (name) => `duckdb-extension-${name}==${versions.duckdb}`,
    );
    await install(
      join(environment, 'bin', 'pip'),
      [
        ...['install', '-q', `pyiceberg[pyarrow]==${versions.pyiceberg}`],
        ...[`duckdb==${versions.duckdb}`, ...extensions, `polars==${versions.polars}`],
      ],
      { timeoutMs: 900_000 },
    );
  }
  return python;
}

/** Returns the paths of the extensions in the packages, in the order in which they must be loaded. */
function duckDbExtensions(folder: string): readonly string[] {
  const library = join(folder, 'venv', 'lib');
  const [version = ''] = readdirSync(library);
  return ['httpfs', 'avro', 'iceberg'].map((name) =>
    join(
      ...[library, version, 'site-packages', `duckdb_extension_${name}`, 'extensions'],
      ...[`v${versions.duckdb}`, `${name}.duckdb_extension`],
    ),
  );
}

/** Maven coordinates, `group:artifact:version`. Spark's catalogue is an SQLite database in memory. */
const jars = [
  `org.apache.iceberg:iceberg-spark-runtime-4.0_2.13:${versions.icebergSpark}`,
  `org.apache.iceberg:iceberg-aws-bundle:${versions.icebergSpark}`,
  'org.xerial:sqlite-jdbc:3.46.1.3',
] as const;

/** Installs Spark. @returns undefined where it is not available here; the reason is noted */
async function installSpark(
  folder: string,
  { progress }: EngineContext,
  notes: string[],
): Promise<string | undefined> {
  const environment = join(folder, 'venv-spark');
  const python = join(environment, 'bin', 'python');
  try {
    if (!existsSync(python)) {
      progress(`installing Spark ${versions.spark} …`);
      await install('python3', ['-m', 'venv', environment]);
      await install(
        join(environment, 'bin', 'pip'),
        ['install', '-q', `pyspark==${versions.spark}`],
        { timeoutMs: 900_000 },
      );
    }
    await install('java', ['-version']);
    for (const jar of jars) await fetchJar(folder, jar);
    return python;
  } catch (error) {
    if (!(error instanceof EngineMissing)) throw error;
    notes.push(`Spark was skipped: ${error.message}`);
    return undefined;
  }
}
