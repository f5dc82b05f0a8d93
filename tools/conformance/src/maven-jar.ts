import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { install } from './run-program';

/** Returns the path of an artifact in a folder. @param jar Maven coordinates, `group:artifact:version` */
export const jarFile = (folder: string, jar: string): string =>
  join(folder, 'jars', `${jar.split(':').slice(1).join('-')}.jar`);

/** Fetches an artifact by Maven, unless it is there. @throws EngineMissing where it is not to be had */
export async function fetchJar(folder: string, jar: string): Promise<void> {
  if (existsSync(jarFile(folder, jar))) return;
  await install(
    'mvn',
    [
      ...['-q', 'dependency:copy', `-DoutputDirectory=${join(folder, 'jars')}`],
      `-Dartifact=${jar}`,
    ],
    { timeoutMs: 900_000 },
  );
}
