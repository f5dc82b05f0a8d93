import { Buffer } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { bytesSource, planKeyRead, readFooter, readKeyGroups } from '@sluice/parquet-reading';

const source = bytesSource(await readFile(process.env.PARQUET));
const footer = await readFooter(source, { keyColumn: 'id' });
const keys = [Buffer.from('order-17')];
const plan = planKeyRead(footer, { keyColumn: 'id', keys, columns: ['id', 'amount'] });
for await (const { rows } of readKeyGroups(source, footer, plan)) console.log(JSON.stringify(rows));
