import { checkDefinitions } from './check-definitions';
import { checkEvents } from './check-events';
import { checkNavigation } from './check-navigation';
import { checkPhone } from './check-phone';
import { checkQuestions } from './check-questions';
import { startWalk, type CheckConsoleOptions } from './console-walk';

/** Carries out the main task of each page. @returns a sentence for each failure */
export async function checkConsole({
  address,
  traces,
  dataDir,
  ...options
}: CheckConsoleOptions): Promise<readonly string[]> {
  const walk = await startWalk(options);
  await checkEvents(walk, { address, traces });
  await checkQuestions(walk);
  await checkDefinitions(walk, dataDir);
  await checkNavigation(walk);
  await checkPhone(walk);
  await walk.close();
  return walk.faults;
}
