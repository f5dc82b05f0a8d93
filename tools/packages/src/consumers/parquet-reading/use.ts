import { readFile } from 'node:fs/promises';
import {
  bytesSource,
  planKeyRead,
  readFooter,
  readKeyGroups,
  type KeyReadPlan,
} from '@sluice/parquet-reading';

const use = async (): Promise<void> => {
  const source = bytesSource(await readFile(process.env['PARQUET'] ?? ''));
  const footer = await readFooter(source, { keyColumn: 'id' });
  const keys = [new TextEncoder().encode('order-17')];
  const plan: KeyReadPlan = planKeyRead(footer, {
    keyColumn: 'id',
    keys,
    columns: ['id', 'amount'],
  });
  for await (const { rows } of readKeyGroups(source, footer, plan))
    console.log(JSON.stringify(rows));
};
void use();
