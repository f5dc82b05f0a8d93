/**
 * The most memory that this process has had resident, in MB. Linux lets a process begin `maxRSS` with what the one that
 * started it had (getrusage(2) keeps it over exec), so the mark of its own memory is read there.
 *
 * Its source also goes into scripts that processes without this bundle run, so it refers to nothing outside.
 */
export function peakMemoryMb(): number {
  try {
    const status = process.getBuiltinModule('node:fs').readFileSync('/proc/self/status', 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}
