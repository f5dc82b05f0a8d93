import { defineEvent } from '@sluice/event-schema';
import { MemoryObjectStore } from '@sluice/lake-layout';
import { checkStoredDefinition, recordDefinitions } from './stored-definitions';

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

test('a new major version is no concern of the rows of the old one', async () => {
  const lake = await lakeWithRows();
  await expect(checkStoredDefinition(lake, brew('string', '2.0.0'), undefined)).resolves.toEqual(
    [],
  );
});
