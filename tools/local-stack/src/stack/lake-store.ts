import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import type { ObjectStore } from '@sluice/lake-layout';
import type { Credentials } from '@sluice/lake';
import type { LocalS3 } from '@sluice/local-s3';
import { place } from '@sluice/local-cloudformation';

export const lakeStore = ({
  s3,
  credentials,
  bucket,
}: {
  readonly s3: LocalS3;
  readonly credentials: Credentials;
  readonly bucket: string;
}): ObjectStore =>
  s3ObjectStore({
    client: s3Client({ endpoint: s3.url, region: place.region, credentials }),
    bucket,
  });
