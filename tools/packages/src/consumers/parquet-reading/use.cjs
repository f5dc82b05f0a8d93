const { Buffer } = require('node:buffer');
const { readFile } = require('node:fs/promises');
const { bytesSource, planKeyRead, readFooter, readKeyGroups } = require('@sluice/parquet-reading');

const use = async () => {
  const source = bytesSource(await readFile(process.env.PARQUET));
  const footer = await readFooter(source, { keyColumn: 'id' });
  const keys = [Buffer.from('order-17')];
  const plan = planKeyRead(footer, { keyColumn: 'id', keys, columns: ['id', 'amount'] });
  for await (const { rows } of readKeyGroups(source, footer, plan))
    console.log(JSON.stringify(rows));
};
void use();
