import type { Change } from '../compatibility/change';
import { breakingChanges, compatibilityReport } from '../compatibility/compatibility-report';

/** Returns the report's lines about the changes that break something, without the advice. */
export function breakingLines(changes: readonly Change[]): readonly string[] {
  const [found = ''] = compatibilityReport(breakingChanges(changes)).split('\n\n');
  return found.split('\n').map((line) => line.trim());
}
