import { DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface BundleCodeOptions {
  /** Folder with a subfolder for each app, such as `dist/apps`. */
  readonly bundlesFolder: string;
  readonly app: string;
  /** Name of the bundle's main file, without its extension. @default 'index' */
  readonly entry?: string;
  /** JSON files to be put beside the bundle: name → content. */
  readonly definitions: Readonly<Record<string, unknown>>;
  /** True to include source maps, by which a debugger on the laptop finds the TypeScript lines. */
  readonly withSourceMaps: boolean;
}

/**
 * Returns an app's bundle as one asset, together with the definitions that it serves. The asset's name is a hash of
 * its content, so that a function is only deployed again when the bundle or a definition has changed.
 *
 * @throws where the app has not been built
 */
export function bundleCode({
  bundlesFolder,
  app,
  entry = 'index',
  definitions,
  withSourceMaps,
}: BundleCodeOptions): Code {
  const bundle = join(bundlesFolder, app);
  if (!existsSync(join(bundle, `${entry}.mjs`)))
    throw new Error(`dist/apps/${app}/${entry}.mjs is missing: run "npx nx build ${app}"`);
  return Code.fromAsset(bundle, {
    bundling: {
      // Never pulled, because the local step always does the work.
      image: DockerImage.fromRegistry('none'),
      // Distinguishes assets of one bundle that differ only in the files beside it.
      environment: {
        DEFINITIONS: createHash('sha256').update(JSON.stringify(definitions)).digest('hex'),
        SOURCE_MAPS: String(withSourceMaps),
      },
      local: {
        tryBundle(folder: string) {
          cpSync(bundle, folder, {
            recursive: true,
            filter: (file) => withSourceMaps || !file.endsWith('.map'),
          });
          for (const [file, content] of Object.entries(definitions))
            writeFileSync(join(folder, file), JSON.stringify(content));
          return true;
        },
      },
    },
  });
}
