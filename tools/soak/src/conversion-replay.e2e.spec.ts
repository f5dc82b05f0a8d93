// A Glue table that lags behind its event type, as a deployment that stopped halfway leaves it: records that only the format
// conversion refuses become rows once the table is right.
import { matchEvent } from '@sluice/event-types';
import { tableName } from '@sluice/event-schema';
import { sampleEvents } from '@sluice/event-types/samples';
import type { Endpoints } from '@sluice/lake';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stageAssembly } from '@sluice/infra/synthesise';
import { failedIdentities, lakeOf, readerRows } from './lake-account';
import { lookUpRows } from './look-up-rows';
import { invokeUntilComplete } from './maintenance-functions';
import { StackUnderFire } from './stack-under-fire';

jest.setTimeout(300_000);

const table = tableName(matchEvent);
const identity = matchEvent.identity ?? matchEvent.key;
const folder = mkdtempSync(join(tmpdir(), 'sluice-conversion-'));
const dataDir = join(folder, 'data');
const stacks: StackUnderFire[] = [];

afterAll(async () => {
  for (const stack of stacks) await stack.abandon();
  rmSync(folder, { recursive: true, force: true });
});

interface Template {
  readonly Resources: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly Properties: {
          readonly TableInput?: {
            readonly Name?: string;
            readonly StorageDescriptor?: { readonly Columns: { Name: string; Type: string }[] };
          };
        };
      }
    >
  >;
}

/** Copies the shipped assembly, with another type of one column in the table by which Firehose converts. */
function outdatedAssembly(column: string, type: string): string {
  const assembly = join(folder, 'outdated');
  cpSync(stageAssembly('dev'), assembly, { recursive: true, verbatimSymlinks: true });
  let changes = 0;
  for (const name of readdirSync(assembly).filter((each) => each.endsWith('.template.json'))) {
    const path = join(assembly, name);
    const template = JSON.parse(readFileSync(path, 'utf8')) as Template;
    for (const { Type, Properties } of Object.values(template.Resources)) {
      if (Type !== 'AWS::Glue::Table' || Properties.TableInput?.Name !== `${table}_raw`) continue;
      for (const each of Properties.TableInput.StorageDescriptor?.Columns ?? [])
        if (each.Name === column) {
          each.Type = type;
          changes++;
        }
    }
    writeFileSync(path, JSON.stringify(template));
  }
  expect(changes).toBe(1);
  return assembly;
}

async function startStack(
  assembly?: string,
): Promise<{ stack: StackUnderFire; endpoints: Endpoints }> {
  const stack = await StackUnderFire.start({
    dataDir,
    seed: 1,
    faultShares: { s3: 0, kinesis: 0, function: 0 },
    ...(assembly && { assembly }),
  });
  stacks.push(stack);
  return { stack, endpoints: await Promise.race([stack.ready(), stack.broken]) };
}

test('records that the conversion refused are rows after the table was mended and they were replayed', async () => {
  const events = [...sampleEvents(matchEvent.name, { count: 40 })] as Record<string, unknown>[];
  const ids = events.map((event) => String(event[identity]));

  const outdated = await startStack(outdatedAssembly('matchid', 'boolean'));
  const { ingest, apiKey } = outdated.endpoints;
  const answer = await fetch(`${ingest}/v1/events/${matchEvent.name}/batch`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ events }),
  });
  expect(answer.status).toBe(200);
  await outdated.stack.ask({ do: 'flush' });
  const lake = lakeOf(outdated.endpoints, dataDir);
  expect((await readerRows(lake, table, identity)).size).toBe(0);
  expect([...(await failedIdentities(lake, table, identity))].sort()).toEqual([...ids].sort());
  // A replay before the table is right brings them back to where they were.
  await invokeUntilComplete(outdated.stack, 'replay', { action: 'replay', table });
  await outdated.stack.ask({ do: 'flush' });
  expect((await readerRows(lake, table, identity)).size).toBe(0);
  await outdated.stack.stop();

  const { stack, endpoints } = await startStack();
  await invokeUntilComplete(stack, 'replay', { action: 'replay', table });
  await stack.ask({ do: 'flush' });
  await invokeUntilComplete(stack, 'compact', { action: 'compact', table });
  const rows = await readerRows(lakeOf(endpoints, dataDir), table, identity);
  expect(rows).toEqual(new Map(ids.map((id) => [id, 1])));
  expect(await lookUpRows(endpoints, ids)).toEqual(new Map(ids.map((id) => [id, 1])));
  await stack.stop();
});
