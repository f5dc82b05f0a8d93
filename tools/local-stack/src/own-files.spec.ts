import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readAssembly } from '@sluice/local-cloudformation';
import { dataDirCredentials, openDataDir, stoppedLake } from '@sluice/lake';
import { Checkpoints, FailedPositions } from '@sluice/local-firehose';
import { PostedFiles } from './posted-files';
import { DamagedFileError } from '@sluice/local-state-files';

const root = mkdtempSync(join(tmpdir(), 'sluice-own-files-'));
afterAll(() => rmSync(root, { recursive: true }));

const dataDir = openDataDir(root);
afterAll(() => dataDir.release());
const checkpoint = join(dataDir.checkpoints, 'orders.json');
const failed = join(dataDir.checkpoints, 'orders-failed.json');
const posted = join(root, 'posted.ndjson');
writeFileSync(posted, 'a file that is asked for');
const assembly = join(root, 'cdk.out', 'manifest.json');

/** Each file that the local stack keeps, with the code that reads it, and what damage may leave of it. */
const files: readonly {
  readonly file: string;
  readonly read: () => unknown;
  readonly damages: readonly string[];
}[] = [
  {
    file: join(root, 'credentials.json'),
    read: () => dataDirCredentials(dataDir),
    damages: [
      '{"accessKeyId":"a","secret',
      '{"accessKeyId":"a","secretAccessKey":"b","apiKez":"c"}',
    ],
  },
  {
    file: checkpoint,
    read: () => new Checkpoints(checkpoint),
    damages: [
      '{"shard-0":"12',
      '{"shard-0":12}',
      '{"shard-0":"1x"}',
      '{"positions":null,"sha256":""}',
      // A digit has changed.
      '{"positions":{"shard-0":"13"},"sha256":"2f9e"}',
    ],
  },
  {
    file: failed,
    read: () => new FailedPositions(failed),
    damages: ['[{"shardId"', '{}', '[null]', '[{"shardId":"a","sequenceNumber":"x","bytes":1}]'],
  },
  {
    file: dataDir.postedFiles,
    read: () => new PostedFiles(dataDir.postedFiles).postedAt(posted, 'orders'),
    damages: ['{"event":"orders","con\n', '{"event":"orders","content":"a"}\n', 'null\n'],
  },
  {
    file: dataDir.endpointsFile,
    read: () => stoppedLake(dataDir),
    damages: ['{"bucket"', '{"bucket":7}', 'null'],
  },
  {
    file: assembly,
    read: () => readAssembly(dirname(assembly)),
    damages: ['{"artifacts":'],
  },
];

const binary = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);

describe.each(files)('$file', ({ file, read, damages }) => {
  test.each(['', binary, ...damages])('is named where it is damaged: %j', (content) => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    expect(read).toThrow(DamagedFileError);
    expect(read).toThrow(`${file} is damaged (`);
    expect(read).toThrow(/\): delete (it|the)\b/);
    // Nothing of the content, which may be a secret.
    expect(read).not.toThrow(/accessKeyId":/);
  });

  test('is made again once it is deleted, or was read by a stack before', () => {
    rmSync(file);
    if (file === assembly) expect(read).toThrow(/is missing/);
    else expect(read).not.toThrow();
  });
});

test('a line of a posted file that a killed process was writing is no damage', () => {
  writeFileSync(dataDir.postedFiles, '{"event":"orders","content":"a","at":"b"}\n{"event":"or');
  expect(new PostedFiles(dataDir.postedFiles).postedAt(posted, 'orders')).toBeUndefined();
  new PostedFiles(dataDir.postedFiles).add(posted, 'orders', new Date(0));
  expect(new PostedFiles(dataDir.postedFiles).postedAt(posted, 'orders')).toBe(
    '1970-01-01T00:00:00.000Z',
  );
});

test('a checkpoint of an earlier release is read', () => {
  writeFileSync(checkpoint, '{"shard-0":"12"}');
  expect(new Checkpoints(checkpoint).positions).toEqual(new Map([['shard-0', '12']]));
});
