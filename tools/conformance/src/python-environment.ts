import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineContext } from './engine';
import { install } from './run-program';

/** pip keeps each package that arrived, so that the next attempt goes on where one broke off. */
const attempts = 3;
const attemptMs = 300_000;

/**
 * Returns the `bin` folder of a Python environment with some packages, which is created once in the engine's cache.
 *
 * @param packages exact, such as `moto==5.1.0`; the first one names the environment
 * @throws EngineMissing where Python or a package is not available
 */
export async function pythonEnvironment(
  { cache, progress }: Pick<EngineContext, 'cache' | 'progress'>,
  packages: readonly string[],
): Promise<string> {
  const [first = ''] = packages;
  const environment = join(cache, `python-${first.replace(/[^\w.-]+/g, '-')}`);
  const bin = join(environment, 'bin');
  const done = join(environment, 'done');
  if (existsSync(done)) return bin;
  progress(`installing ${packages.join(', ')} from PyPI …`);
  await install('python3', ['-m', 'venv', environment]);
  for (let attempt = 1; ; attempt++)
    try {
      await install(
        join(bin, 'pip'),
        ['install', '-q', '--disable-pip-version-check', '--retries', '5', ...packages],
        { timeoutMs: attemptMs },
      );
      break;
    } catch (error) {
      if (attempt === attempts) throw error;
      progress(`trying again, with what pip has kept: ${(error as Error).message.slice(0, 120)}`);
    }
  writeFileSync(done, '');
  return bin;
}
