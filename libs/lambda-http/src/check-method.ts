import { Problem } from './problem';

/** @throws Problem naming the method and those that are for the path */
export function checkMethod(method: string, allowed: readonly string[]): void {
  if (!allowed.includes(method))
    throw new Problem(405, `${method} is not for this path; use ${allowed.join(', ')}`, {
      allow: allowed.join(', '),
    });
}
