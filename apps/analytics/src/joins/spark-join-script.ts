import {
  catalogNames,
  glueColumns,
  glueType,
  joinQuery,
  rowsView,
  type Join,
} from '@sluice/event-schema';
import { referencePrefix, resultRunPrefix, symlinkKey } from '@sluice/lake-layout';

/**
 * Returns the script of the Glue job (Spark) that writes the rows of a join for one day, for joins that are too large
 * for one Athena query. It runs Athena's SQL over the same files, and puts the list of the files it wrote where the
 * state machine expects it.
 *
 * Arguments: `--bucket`, `--date`, `--run`, `--manifest` (`s3://bucket/key` of the list).
 */
export function sparkJoinScript(join: Join): string {
  const { files, rows } = catalogNames(join.left);
  const plan = {
    list: symlinkKey(rows, '{date}'),
    files,
    columns: glueColumns(join.left)
      .map(({ name, type }) => `\`${name}\` ${type}`)
      .join(', '),
    rows,
    rowsQuery: rowsView(join.left),
    reference: join.right.name,
    referenceFolder: referencePrefix(join.right.name),
    joinQuery: joinQuery(join, glueType),
    target: resultRunPrefix(join.name, '{date}', '{run}'),
  };
  // A JSON text encoded as JSON again is also a Python literal.
  return script.replace('@plan@', () => JSON.stringify(JSON.stringify(plan)));
}

// Double quotes enclose names, as in Athena's SQL, only in ANSI mode (Spark SQL guide: ANSI compliance).
const script = `import json
import sys

import boto3
from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

plan = json.loads(@plan@)
arguments = getResolvedOptions(sys.argv, ["bucket", "date", "run", "manifest"])
bucket, date = arguments["bucket"], arguments["date"]
s3 = boto3.client("s3")
spark = (
    SparkSession.builder.config("spark.sql.ansi.enabled", "true")
    .config("spark.sql.ansi.doubleQuotedIdentifiers", "true")
    .config("spark.sql.session.timeZone", "UTC")
    .getOrCreate()
)


def filled(template):
    return template.replace("{date}", date).replace("{run}", arguments["run"])


def uri(key):
    return "s3://" + bucket + "/" + key


def listed_files():
    try:
        text = s3.get_object(Bucket=bucket, Key=filled(plan["list"]))["Body"].read()
    except s3.exceptions.NoSuchKey:
        return []
    return [line for line in text.decode("utf-8").split("\\n") if line]


files = listed_files()
rows = (
    spark.read.schema(plan["columns"]).parquet(*files)
    if files
    else spark.createDataFrame([], plan["columns"])
)
rows.withColumn("dt", F.lit(date)).createOrReplaceTempView(plan["files"])
spark.sql(plan["rowsQuery"]).createOrReplaceTempView(plan["rows"])
spark.read.parquet(uri(plan["referenceFolder"])).createOrReplaceTempView(plan["reference"])

target = filled(plan["target"])
spark.sql(plan["joinQuery"], args=[date]).write.mode("error").option(
    "compression", "zstd"
).parquet(uri(target))

pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=target)
keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
s3.put_object(
    Bucket=bucket,
    Key=arguments["manifest"][len(uri("")) :],
    Body="".join(
        uri(key) + "\\n" for key in sorted(keys) if key.endswith(".parquet")
    ).encode("utf-8"),
)
`;
