import { glueType, joinQuery, tableName, type Join } from '@sluice/event-schema';
import { icebergPrefix, referencePrefix, resultRunPrefix } from '@sluice/lake-layout';

/**
 * Returns the script of the Glue job (Spark) that writes the rows of a join for one day, for joins that are too large
 * for one Athena query. It runs Athena's SQL over the same Iceberg table, and puts the list of the files it wrote
 * where the state machine expects it.
 *
 * Arguments: `--bucket`, `--date`, `--run`, `--manifest` (`s3://bucket/key` of the list).
 */
export function sparkJoinScript(join: Join): string {
  const rows = tableName(join.left);
  const plan = {
    // The folder of the table below the bucket, as the names of a namespace and of its table.
    table: ['lake', ...icebergPrefix(rows).split('/')].map((name) => `\`${name}\``).join('.'),
    rows,
    reference: join.right.name,
    referenceFolder: referencePrefix(join.right.name),
    joinQuery: joinQuery(join, glueType),
    target: resultRunPrefix(join.name, '{date}', '{run}'),
  };
  // A JSON text encoded as JSON again is also a Python literal.
  return script.replace('@plan@', () => JSON.stringify(JSON.stringify(plan)));
}

// A catalog of the type "hadoop" takes a folder with a version hint for a table (Iceberg docs: Spark, catalog
// configuration), so the job needs no right to Glue's.
// Double quotes enclose names, as in Athena's SQL, only in ANSI mode (Spark SQL guide: ANSI compliance).
const script = `import json
import sys

import boto3
from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

plan = json.loads(@plan@)
arguments = getResolvedOptions(sys.argv, ["bucket", "date", "run", "manifest"])
bucket, date = arguments["bucket"], arguments["date"]
s3 = boto3.client("s3")
spark = (
    SparkSession.builder.config("spark.sql.ansi.enabled", "true")
    .config("spark.sql.ansi.doubleQuotedIdentifiers", "true")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog")
    .config("spark.sql.catalog.lake.type", "hadoop")
    .config("spark.sql.catalog.lake.warehouse", "s3://" + bucket)
    .getOrCreate()
)


def filled(template):
    return template.replace("{date}", date).replace("{run}", arguments["run"])


def uri(key):
    return "s3://" + bucket + "/" + key


spark.table(plan["table"]).createOrReplaceTempView(plan["rows"])
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
