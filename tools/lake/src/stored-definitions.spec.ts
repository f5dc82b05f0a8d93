import { defineEvent } from '@sluice/event-schema';
import { MemoryObjectStore } from '@sluice/lake-layout';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkStoredDefinition,
  leftBehind,
  recordDefinitions,
  stoppedLake,
} from './stored-definitions';

const brew = (floor: 'integer' | 'string', version = '1.0.0') =>
  defineEvent({
    name: 'brew',
    version,
    key: 'id',
    schema: {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'string' }, floor: { type: floor } },
    },
  });

async function lakeWithRows(): Promise<MemoryObjectStore> {
  const lake = new MemoryObjectStore();
  await lake.put('brew/raw/dt=2026-01-01/hour=00/a.parquet', Buffer.from('x'));
  await recordDefinitions(lake, [brew('integer')]);
  return lake;
}

test('a definition that can not read stored rows is refused, with what a new major version means for them', async () => {
  const lake = await lakeWithRows();
  await expect(checkStoredDefinition(lake, brew('string'), undefined)).rejects.toThrow(
    /"floor" changed from bigint to string.* version 2\.0\.0: new rows .* brew_v2, .* rows and failed events of brew stay .* not served/,
  );
});

test('the lake is found by its folder where endpoints.json was deleted, so that definitions are compared', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-stopped-'));
  const place = dataDirectory(folder);
  expect(stoppedLake(place)).toBeUndefined();
  const bucket = join(place.objects, 'sluice-dev-lake-000000000000-us-east-1');
  mkdirSync(join(bucket, 'brew/raw/dt=2026-01-01/hour=00'), { recursive: true });
  mkdirSync(join(place.objects, 'sluice-dev-results-000000000000-us-east-1'));
  writeFileSync(join(bucket, 'brew/raw/dt=2026-01-01/hour=00/a.parquet'), 'x');
  await recordDefinitions(stoppedLake(place)!, [brew('integer')]);
  await expect(checkStoredDefinition(stoppedLake(place)!, brew('string'), '')).rejects.toThrow();
  rmSync(folder, { recursive: true });
});

test('a new major version is no concern of the rows of the old one', async () => {
  const lake = await lakeWithRows();
  await expect(checkStoredDefinition(lake, brew('string', '2.0.0'), undefined)).resolves.toEqual(
    [],
  );
});

test('what a new major version leaves behind is told, as long as nothing serves it', async () => {
  const lake = await lakeWithRows();
  const [sentence, ...others] = await leftBehind(lake, [brew('string', '3.0.0')]);
  expect(others).toEqual([]);
  expect(sentence).toMatch(/"brew" 3\.0\.0 .* brew_v3: the rows of version 1 stay under brew\//);
  await lake.put('brew_v2/errors/processing-failed/dt=2026-01-01/a', Buffer.from('{}\n'));
  expect((await leftBehind(lake, [brew('string', '3.0.0')]))[1]).toMatch(
    /the failed events of version 2 stay under brew_v2\//,
  );
  expect(await leftBehind(lake, [brew('string', '2.0.0'), brew('integer')])).toEqual([]);
});
