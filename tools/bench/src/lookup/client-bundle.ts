import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Source of a module with the look-up's use of the client, and nothing else. */
const source = `
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
const client = new S3Client({});
export const handler = () => client.send(new GetObjectCommand({})) ?? new ListObjectsV2Command({});
`;

/** Packages that the look-up's bundle leaves out as well (apps/lookup-api/project.json). */
const external = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
  'bowser',
];

/**
 * Bundles the S3 client alone, in the way of the functions' bundles (tools/workspace/src/nx-plugin.cjs). Importing it
 * shows the time that every program which uses S3 has to spend.
 *
 * @returns the bundle's file
 */
export async function writeClientBundle(folder: string): Promise<string> {
  const outfile = join(folder, 'client', 'index.mjs');
  await mkdir(join(folder, 'client'), { recursive: true });
  await build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: 'js' },
    outfile,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    legalComments: 'none',
    external,
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
  return outfile;
}
