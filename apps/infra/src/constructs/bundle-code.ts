import { DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * An app's bundle with the definitions it serves beside it, as one asset. The asset's name is a hash of
 * its content, so a function is deployed anew only when the bundle or a definition changed.
 *
 * @throws where the app has not been built.
 */
export function bundleCode(
  bundlesFolder: string,
  app: string,
  definitions: Readonly<Record<string, unknown>>,
): Code {
  const bundle = join(bundlesFolder, app);
  if (!existsSync(join(bundle, 'index.mjs')))
    throw new Error(`dist/apps/${app}/index.mjs is missing: run "npx nx build ${app}"`);
  return Code.fromAsset(bundle, {
    bundling: {
      // Never pulled: the local step always does the work.
      image: DockerImage.fromRegistry('none'),
      // Tells assets of one bundle apart that differ only in their definitions.
      environment: {
        DEFINITIONS: createHash('sha256').update(JSON.stringify(definitions)).digest('hex'),
      },
      local: {
        tryBundle(folder: string) {
          cpSync(bundle, folder, { recursive: true });
          for (const [file, content] of Object.entries(definitions))
            writeFileSync(join(folder, file), JSON.stringify(content));
          return true;
        },
      },
    },
  });
}
