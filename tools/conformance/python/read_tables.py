"""Reads Iceberg tables by an engine, and writes their rows in one form.

    read_tables.py ENGINE plan.json

ENGINE is `files` (the Parquet files that a manifest of Sluice names, by pyarrow: what is expected), `pyiceberg`, `duckdb`, `polars` or
`spark`. The plan names the S3 endpoint and, for each read, the metadata file, the columns, and where the rows go.
"""

import datetime as dt
import json
import re
import sys
from decimal import Decimal, getcontext
from urllib.parse import quote
from urllib.request import urlopen

getcontext().prec = 60
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


def canonical(value, kind):
    """Returns a value as JSON has it: numbers as text, times as microseconds since 1970."""
    if value is None:
        return None
    name = kind["kind"]
    if name == "array":
        return [canonical(item, kind["items"]) for item in value]
    if name == "boolean":
        return bool(value)
    if name == "double":
        return repr(float(value))
    if name == "decimal":
        return format(Decimal(value).quantize(Decimal(1).scaleb(-kind["scale"])), "f")
    if name == "date":
        return value.isoformat()[:10]
    if name == "timestamp":
        if value.tzinfo is None:
            value = value.replace(tzinfo=dt.timezone.utc)
        return str((value - EPOCH) // dt.timedelta(microseconds=1))
    return str(value)


def write(read, rows):
    with open(read["output"], "w") as out:
        for row in rows:
            out.write(json.dumps({c["name"]: canonical(row.get(c["name"]), c["type"]) for c in read["columns"]}) + "\n")


def scanned(plan, engine, read, note, by_key, count):
    """Runs the queries whose requests for data files are counted, each after it was told which one comes."""
    scan = read["scan"]
    for query, name, run in (("by key", "found", by_key), ("count", "counted", count)):
        urlopen(f"{plan['marks']}/{quote(f'{engine} {query}')}").read()
        note(read, name, run(scan))
    urlopen(f"{plan['marks']}/").read()


def from_files(plan, note):
    """What a look-up counts: each event once for each day, the one that arrived first."""
    import pyarrow.parquet as pq

    for read in plan["reads"]:
        counted = {}
        for file in read["files"]:
            table = pq.ParquetFile(file["path"]).read()
            for row in table.to_pylist():
                row["dt"] = file["date"]
                identity = (file["date"], str(row[read["key"]]), row["event_id"])
                known = counted.get(identity)
                if known is None or row["ingested_at"] < known["ingested_at"]:
                    counted[identity] = row
        write(read, counted.values())


def from_pyiceberg(plan, note):
    from pyiceberg.expressions import And, EqualTo
    from pyiceberg.table import StaticTable

    properties = {
        "s3.endpoint": plan["endpoint"],
        "s3.access-key-id": plan["accessKeyId"],
        "s3.secret-access-key": plan["secretAccessKey"],
        "s3.region": plan["region"],
        "s3.force-virtual-addressing": "false",
    }
    for read in plan["reads"]:
        table = StaticTable.from_metadata(read["metadata"], properties)
        write(read, table.scan().to_arrow().to_pylist())
        if "wanted" in read:
            found = table.scan(row_filter=EqualTo(read["key"], read["wanted"]))
            note(read, "files", len(list(found.plan_files())))
            note(read, "allFiles", len(list(table.scan().plan_files())))
            note(read, "found", len(found.to_arrow()))
            note(read, "count", table.scan().count())
        if "scan" in read:

            def by_key(scan, table=table, read=read):
                found = table.scan(row_filter=And(EqualTo("dt", scan["date"]), EqualTo(read["key"], scan["wanted"])))
                note(read, "planned", len(list(found.plan_files())))
                return len(found.to_arrow())

            def count(scan, table=table):
                return table.scan(row_filter=EqualTo("dt", scan["date"])).count()

            scanned(plan, "pyiceberg", read, note, by_key, count)


def from_duckdb(plan, note):
    import duckdb

    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    for extension in plan["extensions"]:
        connection.execute(f"LOAD '{extension}'")
    host = plan["endpoint"].split("://")[1]
    connection.execute(
        f"""CREATE SECRET (TYPE s3, KEY_ID '{plan["accessKeyId"]}', SECRET '{plan["secretAccessKey"]}', REGION '{plan["region"]}',
            ENDPOINT '{host}', URL_STYLE 'path', USE_SSL false)"""
    )
    connection.execute("SET TimeZone = 'UTC'")
    # What it read before would hide which files a query needs.
    connection.execute("SET enable_external_file_cache = false")
    for read in plan["reads"]:
        scan = f"iceberg_scan('{read['metadata']}')"
        cursor = connection.execute(f"SELECT * FROM {scan}")
        names = [column[0] for column in cursor.description]
        write(read, (dict(zip(names, row)) for row in cursor.fetchall()))
        if "wanted" in read:
            found = connection.execute(f'SELECT count(*) FROM {scan} WHERE "{read["key"]}" = ?', [read["wanted"]])
            note(read, "found", found.fetchone()[0])
            note(read, "count", connection.execute(f"SELECT count(*) FROM {scan}").fetchone()[0])
        if "scan" in read:

            def by_key(wanted, scan=scan, read=read):
                where = f"dt = ? AND \"{read['key']}\" = ?"
                values = [wanted["date"], wanted["wanted"]]
                report = connection.execute(f"EXPLAIN ANALYZE SELECT count(*) FROM {scan} WHERE {where}", values)
                files = re.search(r"Total Files Read: (\d+)", "".join(row[1] for row in report.fetchall()))
                if files:
                    note(read, "planned", int(files.group(1)))
                return connection.execute(f"SELECT count(*) FROM {scan} WHERE {where}", values).fetchone()[0]

            def count(wanted, scan=scan):
                return connection.execute(f"SELECT count(*) FROM {scan} WHERE dt = ?", [wanted["date"]]).fetchone()[0]

            scanned(plan, "duckdb", read, note, by_key, count)


def from_polars(plan, note):
    import polars

    options = {
        "s3.endpoint": plan["endpoint"],
        "s3.access-key-id": plan["accessKeyId"],
        "s3.secret-access-key": plan["secretAccessKey"],
        "s3.region": plan["region"],
    }
    for read in plan["reads"]:
        table = polars.scan_iceberg(read["metadata"], storage_options=options, reader_override="pyiceberg")
        write(read, table.collect().to_dicts())


def from_spark(plan, note):
    from pyspark.sql import SparkSession

    catalog = "spark.sql.catalog.sluice"
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.jars", ",".join(plan["jars"]))
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
        .config(catalog, "org.apache.iceberg.spark.SparkCatalog")
        .config(f"{catalog}.type", "jdbc")
        .config(f"{catalog}.uri", "jdbc:sqlite::memory:")
        .config(f"{catalog}.clients", "1")
        .config(f"{catalog}.warehouse", "s3://lake/")
        .config(f"{catalog}.io-impl", "org.apache.iceberg.aws.s3.S3FileIO")
        .config(f"{catalog}.s3.endpoint", plan["endpoint"])
        .config(f"{catalog}.s3.path-style-access", "true")
        .config(f"{catalog}.s3.access-key-id", plan["accessKeyId"])
        .config(f"{catalog}.s3.secret-access-key", plan["secretAccessKey"])
        .config(f"{catalog}.client.region", plan["region"])
        .getOrCreate()
    )
    spark.sql("CREATE NAMESPACE IF NOT EXISTS sluice.lake")
    for number, read in enumerate(plan["reads"]):
        name = f"lake.t{number}"
        spark.sql(f"CALL sluice.system.register_table('{name}', '{read['metadata']}')")
        frame = spark.table(f"sluice.{name}")
        write(read, (row.asDict() for row in frame.collect()))
        if "wanted" in read:
            note(read, "count", frame.count())
            note(read, "found", frame.filter(frame[read["key"]] == read["wanted"]).count())
        if "scan" in read:

            def by_key(scan, frame=frame, read=read):
                return len(frame.filter((frame["dt"] == scan["date"]) & (frame[read["key"]] == scan["wanted"])).collect())

            def count(scan, name=name):
                return spark.sql(f"SELECT count(*) FROM sluice.{name} WHERE dt = '{scan['date']}'").collect()[0][0]

            scanned(plan, "spark", read, note, by_key, count)
    spark.stop()


READERS = {"files": from_files, "pyiceberg": from_pyiceberg, "duckdb": from_duckdb, "polars": from_polars, "spark": from_spark}


def main(engine, plan_file):
    with open(plan_file) as text:
        plan = json.load(text)
    notes = {}

    def note(read, name, value):
        notes.setdefault(read["name"], {})[name] = value

    READERS[engine](plan, note)
    print(json.dumps(notes))


main(*sys.argv[1:])
