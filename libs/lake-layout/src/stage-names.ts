// Names that follow from a stage's, for programs that know a stage or its bucket alone.

/** Returns the name of a stage's Glue database. */
export const lakeDatabase = (stage: string): string => `sluice_${stage}`;

/** Returns the stage of a lake's bucket; undefined where the bucket is named differently. */
export const stageOfBucket = (bucket: string): string | undefined =>
  /^sluice-([a-z0-9]+)-lake-/.exec(bucket)?.[1];
