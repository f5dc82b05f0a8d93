import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { peakMemoryMb } from '../peak-memory';
import { benchDate, benchEvent } from '../seeded-day';

export interface BundleProcessOptions {
  /** The bundle's `index.mjs`, in its folder as it is deployed. */
  readonly bundle: string;
  readonly endpoint: string;
  readonly bucket: string;
  /** Ids to look up one after another. */
  readonly ids: readonly string[];
  /** Days to search, as query parameters. @default the bench's day */
  readonly days?: Readonly<Record<string, string>>;
}

export interface BundleProcess {
  /** Milliseconds until the bundle was ready for its first event. */
  readonly importMs: number;
  readonly peakMemoryMb: number;
}

/** Script that starts the handler as Lambda does and looks ids up. */
const script = `
const begun = performance.now();
const { handler } = await import('./index.mjs');
const importMs = performance.now() - begun;
const [ids, days] = process.argv.slice(2).map((text) => JSON.parse(text));
for (const id of ids) {
  const answer = await handler({
    httpMethod: 'GET', path: '/v1/events/${benchEvent.name}', headers: {},
    queryStringParameters: { id, ...days }, body: null, isBase64Encoded: false,
    requestContext: { requestId: id },
  }, { awsRequestId: id });
  if (answer.statusCode !== 200 || JSON.parse(answer.body).count !== 1) throw new Error(answer.body);
}
const peakMemoryMb = ${peakMemoryMb.toString()};
console.log(JSON.stringify({ importMs, peakMemoryMb: peakMemoryMb() }));
`;

/** Runs a process that holds nothing but the function. */
export async function bundleProcess(options: BundleProcessOptions): Promise<BundleProcess> {
  const { bundle, endpoint, bucket, ids, days = { date: benchDate } } = options;
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-bundle-'));
  try {
    await cp(dirname(bundle), folder, {
      recursive: true,
      filter: (file) => !file.endsWith('.map'),
    });
    await writeFile(join(folder, 'event-types.json'), JSON.stringify([benchEvent]));
    await writeFile(join(folder, 'run.mjs'), script);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(folder, 'run.mjs'), JSON.stringify(ids), JSON.stringify(days)],
      {
        env: {
          NODE_NO_WARNINGS: '1',
          LAKE_BUCKET: bucket,
          AWS_ENDPOINT_URL: endpoint,
          AWS_REGION: 'us-east-1',
          AWS_ACCESS_KEY_ID: 'bench',
          AWS_SECRET_ACCESS_KEY: 'bench',
        },
      },
    );
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as BundleProcess;
  } finally {
    await rm(folder, { recursive: true });
  }
}
