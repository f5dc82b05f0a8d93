// Builds the publishable package of one library: `npx nx run <library>:package`.
import { resolve } from 'node:path';
import { buildPackage } from './build-package';

const [folder = '', output = ''] = process.argv.slice(2);
void buildPackage({ root: process.cwd(), folder, output: resolve(output) }).catch(
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
