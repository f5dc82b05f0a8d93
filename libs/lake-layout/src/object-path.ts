/** Address of an object, or of all objects below a prefix, in S3. */
export interface S3Address {
  readonly bucket: string;
  readonly key: string;
}

/** Writes the path by which Iceberg, Glue, Athena and lists of files name an object or a prefix: `s3://bucket/key`. */
export const objectPath = (bucket: string, key: string): string => `s3://${bucket}/${key}`;

/** Reads a path that {@link objectPath} made; undefined for any other text. The key may be empty. */
export function parseObjectPath(path: string): S3Address | undefined {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.*)$/.exec(path) ?? [];
  return bucket === undefined || key === undefined ? undefined : { bucket, key };
}

/** Returns the key of a path. @throws Error where it is no path of an object */
export function keyOfPath(path: string): string {
  const key = parseObjectPath(path)?.key;
  if (key === undefined || key === '')
    throw new Error(`${JSON.stringify(path.slice(0, 200))} is no s3://bucket/key`);
  return key;
}
