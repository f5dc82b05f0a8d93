import { sparkJoinScript } from '@sluice/analytics';
import { joinQuery, type Join, type JoinType } from '@sluice/event-schema';
import { matchEventPlayers } from '@sluice/event-types';
import { lakeDate, resultSymlinkKey, type LakeDate } from '@sluice/lake-layout';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { pollUntil } from '@sluice/waiting';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Difference, Engine, EngineContext } from '../engine';
import { LakeUnderTrial } from '../lake-under-trial';
import { fetchJar, jarFile } from '../maven-jar';
import { pythonEnvironment } from '../python-environment';
import { errorOf, install, runProgram } from '../run-program';

/** The Spark and the Iceberg of AWS Glue 5.0, by which the job runs (Glue user guide: release notes). */
const sparkVersion = '3.5.4';
const icebergVersion = '1.7.1';
const icebergJar = `org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:${icebergVersion}`;
const boto3Version = '1.40.0';

const joinTypes: readonly JoinType[] = ['inner', 'left', 'right'];

export const sparkJoin: Engine = {
  name: 'spark-join',
  title: 'The generated Spark job',
  compares:
    'The script of the Glue job for a join that is too large for Athena, on Spark, over a day of a local stack: the rows of each type of join, read by SQL where the state machine expects them, with those of the query that runs without Spark.',
  run: async (context) => {
    await install('java', ['-version']);
    const bin = await pythonEnvironment(context, [
      `pyspark==${sparkVersion}`,
      `boto3==${boto3Version}`,
    ]);
    context.progress('fetching Iceberg by Maven …');
    await fetchJar(context.cache, icebergJar);
    const dataDir = join(context.scratch, 'data');
    const lake = new LakeUnderTrial({ root: context.root, inputs: '', dataDir });
    context.progress('starting a local stack …');
    await lake.start({ hasSamples: true });
    try {
      const date = await dayOfSamples(lake);
      const differences: Difference[] = [];
      const notes: string[] = [];
      for (const type of joinTypes) {
        context.progress(`running the ${type} join on Spark …`);
        const one = { ...matchEventPlayers, type };
        const expected = rowsOf(await lake.sql(joinQuery(one).replaceAll('?', `'${date}'`)));
        const fault = await runJob(one, { ...context, bin, lake, dataDir, date });
        const found = fault ?? rowsOf(await lake.sql(`select * from ${one.name}`));
        const difference = differenceOf(expected, found);
        if (difference) differences.push({ tried: `${type} join`, ...difference });
        notes.push(`${type} join: ${expected.length} rows.`);
      }
      return {
        versions: { pyspark: sparkVersion, iceberg: icebergVersion, boto3: boto3Version },
        tried: joinTypes.length,
        differences,
        known: [],
        notes: [
          '`awsglue` is written by us; S3 is the local one for boto3, and its folder for Spark’s own files.',
          ...notes,
        ],
      };
    } finally {
      await lake.stop();
    }
  },
};

interface JobOptions extends Pick<EngineContext, 'cache' | 'folder' | 'scratch' | 'root'> {
  readonly bin: string;
  readonly lake: LakeUnderTrial;
  readonly dataDir: string;
  readonly date: LakeDate;
}

/** Runs the script as Glue would. @returns its output where it failed */
async function runJob(
  one: Join,
  { bin, lake, dataDir, date, cache, folder, scratch, root }: JobOptions,
): Promise<string | undefined> {
  const { bucket, s3, region, accessKeyId, secretAccessKey } = lake.endpoints;
  const script = join(scratch, `${one.name}-${one.type}.py`);
  writeFileSync(script, sparkJoinScript(one));
  const objects = join(dataDirectory(dataDir).objects, bucket);
  // Hadoop's own file systems: below `s3://<bucket>/` are the folders in which the local S3 keeps its objects as plain
  // files.
  const mounted = `spark.hadoop.fs.viewfs.mounttable.${bucket}.link.`;
  mkdirSync(join(objects, 'results'), { recursive: true });
  const settings = {
    'spark.jars': jarFile(cache, icebergJar),
    'spark.ui.enabled': 'false',
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.driver.host': '127.0.0.1',
    'spark.sql.shuffle.partitions': '2',
    'spark.hadoop.fs.s3.impl': 'org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme',
    'spark.hadoop.fs.file.impl': 'org.apache.hadoop.fs.RawLocalFileSystem',
    ...Object.fromEntries(
      readdirSync(objects).map((name) => [`${mounted}/${name}`, `file://${join(objects, name)}`]),
    ),
  };
  const manifest = `s3://${bucket}/${resultSymlinkKey(one.name, date)}`;
  const { code, stderr } = await runProgram(
    join(bin, 'python'),
    [
      script,
      ...['--bucket', bucket, '--date', date, '--run', `spark-${one.type}`],
      ...['--manifest', manifest],
    ],
    {
      cwd: scratch,
      env: {
        PYTHONPATH: join(root, 'tools', 'conformance', 'python'),
        PYSPARK_SUBMIT_ARGS: [
          '--master local[2]',
          ...Object.entries(settings).map(([name, value]) => `--conf ${name}=${value}`),
          'pyspark-shell',
        ].join(' '),
        AWS_ENDPOINT_URL: s3,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      },
    },
  );
  // An engine's full report of a fault is long.
  writeFileSync(join(folder, `${one.type}.stderr.txt`), stderr);
  if (code === 0) return undefined;
  return `it ended with ${code ?? 'a time-out'}: ${errorOf(stderr)}`;
}

/** Waits until SQL sees the samples. @returns their day */
async function dayOfSamples(lake: LakeUnderTrial): Promise<LakeDate> {
  const dayWithRows = async (): Promise<LakeDate | undefined> => {
    const date = lakeDate(Date.now());
    const [counts] = rowsOf(
      await lake.sql(`select count(*) as n from match_event where dt = '${date}'`),
    );
    return counts !== undefined && /^\[\["n","?[1-9]/.test(counts) ? date : undefined;
  };
  const date = await pollUntil(dayWithRows, { everyMs: 500, withinMs: 60_000 });
  if (date === undefined) throw new Error('the local stack made no samples');
  return date;
}

/** Returns each row of an answer as a text, sorted; the answer itself where it holds no rows. */
function rowsOf(answer: string): readonly string[] {
  try {
    return (JSON.parse(answer) as readonly Readonly<Record<string, unknown>>[])
      .map((row) =>
        JSON.stringify(
          Object.entries(row)
            .filter(([name]) => name !== 'dt')
            .sort(),
        ),
      )
      .sort();
  } catch {
    return [answer];
  }
}

function differenceOf(
  expected: readonly string[],
  found: readonly string[] | string,
): Pick<Difference, 'ours' | 'theirs'> | undefined {
  if (typeof found === 'string') return { ours: `${expected.length} rows`, theirs: found };
  if (expected.length < 2) return { ours: expected.join(), theirs: 'nothing was tried' };
  const at = expected.findIndex((row, index) => row !== found[index]);
  return at < 0 && expected.length === found.length
    ? undefined
    : {
        ours: `${expected.length} rows, ${expected[at] ?? ''}`,
        theirs: `${found.length} rows, ${found[at] ?? ''}`,
      };
}
