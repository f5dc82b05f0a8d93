import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checkpoints } from './checkpoints';

const folder = mkdtempSync(join(tmpdir(), 'sluice-checkpoints-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('Checkpoints keeps the positions of shards that did not move', () => {
  const file = join(folder, 'deep', 'orders.json');
  const checkpoints = new Checkpoints(file);
  checkpoints.advance(
    new Map([
      ['shard-0', '10'],
      ['shard-1', '11'],
    ]),
  );
  checkpoints.advance(new Map([['shard-1', '12']]));
  expect(Object.fromEntries(new Checkpoints(file).positions)).toEqual({
    'shard-0': '10',
    'shard-1': '12',
  });
});

test('Checkpoints is not misled by a draft that a crash left behind', () => {
  const file = join(folder, 'orders.json');
  new Checkpoints(file).advance(new Map([['shard-0', '10']]));
  writeFileSync(`${file}.draft`, '{"shard-0":"1');
  expect(Object.fromEntries(new Checkpoints(file).positions)).toEqual({ 'shard-0': '10' });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ positions: { 'shard-0': '10' } });
});

test('Checkpoints notices a changed digit', () => {
  const file = join(folder, 'changed.json');
  new Checkpoints(file).advance(new Map([['shard-0', '4967']]));
  writeFileSync(file, readFileSync(file, 'utf8').replace('4967', '4987'));
  expect(() => new Checkpoints(file)).toThrow(/changed\.json is damaged/);
});
