import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import type { Credentials, DataDir } from '@sluice/lake';
import type { ObjectStore } from '@sluice/lake-layout';
import { localAccount, type TemplateResolver } from '@sluice/local-cloudformation';
import type { SigningCredentials } from '@sluice/local-http';
import {
  limitedKinesis,
  repairText,
  repairStreams,
  startKinesis,
  type LocalKinesis,
  type Stream,
} from '@sluice/local-kinesis';
import { startS3, type CreatedObject, type LocalS3, type S3Options } from '@sluice/local-s3';
import type { Ports } from '../ports';
import type { Closers } from './closers';
import type { LastingKinesis } from './lasting-kinesis';
import type { LastingServers } from './lasting-servers';
import type { Roles } from './roles';

export interface StorageOptions {
  readonly resolver: TemplateResolver;
  readonly dataDir: Pick<DataDir, 'objects' | 'kinesis'>;
  readonly credentials: Credentials;
  readonly roles: Roles;
  readonly ports: Pick<Ports, 's3' | 'kinesis'>;
  /** Origins whose pages may call. */
  readonly allowedOrigins: readonly string[];
  readonly s3LatencyMs: number;
  readonly s3Fault?: S3Options['fault'] | undefined;
  /** Wraps the Kinesis that everything else in the stack uses. */
  readonly aroundKinesis?: ((kinesis: LocalKinesis) => Promise<LocalKinesis>) | undefined;
  /** True where shards refuse what exceeds Kinesis's limits. */
  readonly hasStreamLimits: boolean;
  /** Returns, by stream, the delivered position of each of its shards. */
  readonly delivered: () => ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly onCreated: (object: CreatedObject) => void;
  readonly warn: (line: string) => void;
  /** Servers and Kinesis that outlive the stack. @default both end with the stack */
  readonly servers?: LastingServers | undefined;
  readonly lastingKinesis?: LastingKinesis | undefined;
  readonly closers: Closers;
}

export interface Storage {
  readonly s3: LocalS3;
  readonly kinesis: LocalKinesis;
  readonly streams: readonly Stream[];
}

/**
 * Number of shards with which an on-demand stream begins. Source: Kinesis developer guide, "Choose the data stream
 * capacity mode".
 */
const onDemandShards = 4;

/**
 * Starts S3 and Kinesis with the buckets and streams of the templates. Repairs the streams' files where they are
 * damaged.
 */
export async function startStorage({
  resolver,
  dataDir,
  credentials,
  roles,
  ports,
  allowedOrigins,
  s3LatencyMs,
  s3Fault,
  aroundKinesis,
  hasStreamLimits,
  delivered,
  onCreated,
  warn,
  servers,
  lastingKinesis,
  closers,
}: StorageOptions): Promise<Storage> {
  const specs = resolver.resources('AWS::Kinesis::Stream').map(({ ref, properties }) => ({
    name: ref,
    shards: Number(properties['ShardCount'] ?? onDemandShards),
  }));
  const shared = { credentials, allowedOrigins };
  const startMended = async (): Promise<LocalKinesis> => {
    const positions = delivered();
    const repaired = await repairStreams(
      dataDir.kinesis,
      specs.map((spec) => ({
        ...spec,
        positions: positions.get(spec.name) ?? new Map<string, string>(),
      })),
    );
    if (repaired) warn(`warning: ${repairText(dataDir.kinesis, repaired)}.`);
    return startKinesis({
      ...shared,
      folder: dataDir.kinesis,
      port: ports.kinesis,
      warn: (sentence) => warn(`error: ${sentence}.`),
    });
  };
  // One after the other, so that the first is closed where the second can't start.
  const s3 = await startS3({
    ...shared,
    permits: roles.permits,
    folder: dataDir.objects,
    port: ports.s3,
    ...(servers && { serve: servers.serve }),
    buckets: resolver.resources('AWS::S3::Bucket').map(({ ref }) => ref),
    region: localAccount.region,
    latencyMs: s3LatencyMs,
    ...(s3Fault && { fault: s3Fault }),
    onCreated,
  });
  closers.add(() => s3.close());
  const store = await (lastingKinesis?.use(startMended) ?? startMended());
  await store.permit(roles.policies);
  const unlimited = (await aroundKinesis?.(store)) ?? store;
  const kinesis = hasStreamLimits ? await limitedKinesis(unlimited, credentials) : unlimited;
  closers.add(() => kinesis.close());
  return { s3, kinesis, streams: await kinesis.ensureStreams(specs) };
}

/** Returns the store of a bucket of the local S3. */
export const bucketStore = (
  s3: LocalS3,
  credentials: SigningCredentials,
  bucket: string,
): ObjectStore =>
  s3ObjectStore({
    client: s3Client({ endpoint: s3.url, region: localAccount.region, credentials }),
    bucket,
  });
