import { execFileSync } from 'node:child_process';
import { peakMemoryMb } from './peak-memory';

const script = (megabytes: number): string =>
  `const held = Buffer.alloc(${megabytes} << 20, 1);
  process.stdout.write(String((${peakMemoryMb.toString()})()) + ' with ' + held.length);`;

const peakOf = (megabytes: number): number =>
  parseFloat(execFileSync(process.execPath, ['-e', script(megabytes)]).toString());

test('the peak is that of the process alone, however large the one that started it', () => {
  const held = Buffer.alloc(300 << 20, 1);
  expect(peakOf(0)).toBeLessThan(200);
  expect(peakOf(200)).toBeGreaterThan(200);
  expect(held).toHaveLength(300 << 20);
});
