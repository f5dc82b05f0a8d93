/**
 * Returns the peak resident memory of this process, in MB. Linux starts a process's `maxRSS` with that of the process
 * that started it (getrusage(2) keeps it over exec), so its own peak is read from /proc there.
 *
 * Its source also goes into scripts that run without this bundle, so it refers to nothing outside itself.
 */
export function peakMemoryMb(): number {
  try {
    const status = process.getBuiltinModule('node:fs').readFileSync('/proc/self/status', 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}
