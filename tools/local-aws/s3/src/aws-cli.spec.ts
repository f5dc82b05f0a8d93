import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { credentials, S3UnderTest } from './s3-under-test';

const isInstalled = (process.env['PATH'] ?? '')
  .split(delimiter)
  .some((folder) => existsSync(join(folder, 'aws')));
// An independent check where the CLI happens to be; the project needs nothing but Node.
const testCli = isInstalled ? test : test.skip;
const reason = isInstalled ? '' : ' (skipped: there is no `aws` on the PATH)';

const local = new S3UnderTest();

const aws = async (...args: readonly string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)('aws', args, {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      AWS_ENDPOINT_URL_S3: local.server.url,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: 'us-east-1',
      AWS_CONFIG_FILE: join(local.folder, 'none'),
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
  return stdout;
};

describe('the AWS CLI', () => {
  // Larger than the CLI sends in one piece.
  const content = Buffer.alloc(9 << 20, 'every part of it ');

  testCli(
    `copies, lists and removes${reason}`,
    async () => {
      const work = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
      try {
        writeFileSync(join(work, 'up.bin'), content);
        await aws('s3', 'cp', join(work, 'up.bin'), 's3://lake/a b/ü.bin');
        await local.put('a b/small', 'x');
        expect(readFileSync(join(local.folder, 'lake/a b/ü.bin')).equals(content)).toBe(true);
        const [listed] = await Promise.all([
          aws('s3', 'ls', 's3://lake/a b/'),
          aws('s3', 'cp', 's3://lake/a b/ü.bin', join(work, 'down.bin')),
        ]);
        expect(listed).toMatch(/ 1 small\n.* 9437184 ü\.bin\n/);
        expect(readFileSync(join(work, 'down.bin')).equals(content)).toBe(true);
        await aws('s3', 'rm', '--recursive', 's3://lake/a b/');
        expect(readdirSync(join(local.folder, 'lake'))).toEqual([]);
        expect(local.server.stats()).toMatchObject({ UploadPart: { requests: 2, errors: 0 } });
      } finally {
        rmSync(work, { recursive: true });
      }
    },
    60_000,
  );
});
