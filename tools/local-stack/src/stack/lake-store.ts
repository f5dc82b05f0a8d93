import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import type { ObjectStore } from '@sluice/lake-layout';
import type { Credentials } from '../data-dir';
import type { LocalS3 } from '../s3/start-s3';
import { place } from './place';

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
