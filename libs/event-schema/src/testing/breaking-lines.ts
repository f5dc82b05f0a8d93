import type { Change } from '../compatibility/change';
import { breakingChanges, compatibilityReport } from '../compatibility/compatibility-report';

/** Returns what the report says of the changes that break something, line by line and without what to do. */
export function breakingLines(changes: readonly Change[]): readonly string[] {
  const [found = ''] = compatibilityReport(breakingChanges(changes)).split('\n\n');
  return found.split('\n').map((line) => line.trim());
}
