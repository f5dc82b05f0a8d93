import { readFileSync } from 'node:fs';
import type { LakeUnderTrial } from '../lake-under-trial';
import { said, type Trial } from './trial';

export async function* names(lake: LakeUnderTrial): AsyncGenerator<Trial> {
  for (const name of ['unicode', 'odd']) {
    const taken = await lake.command(
      'ingest',
      lake.input(`${name}-names.ndjson`),
      '--event',
      name,
      '--key',
      'id',
    );
    yield { nr: 9, tried: `ingest ${name}-names`, ours: said(taken), right: /^exit 0/ };
  }
  const unicode = await lake.lookUp('unicode', '1');
  yield {
    nr: 9,
    tried: 'look up unicode-names',
    ours: unicode,
    right: /"田中".*"東京".*:30.*:1\.5.*"hallo".*:true.*:false.*"unmapped":null/,
  };
  const odd = await lake.lookUp('odd', '1');
  yield {
    nr: 9,
    tried: 'look up odd-names',
    ours: odd,
    right:
      /"select":"a","order":1,"group":"g".*"1st":"one".*:1,"a_b_\w+":2,"a_b_\w+":3.*:"U",.*:"u",.*:"x",.*own.*own-h.*own-i.*own-u/,
  };
  yield {
    nr: 9,
    tried: 'select 1st from odd',
    ours: await lake.sql('select 1st from odd order by id'),
    right: /"1st":\s*"one".*"two"/s,
  };
  const order = await lake.command(
    'ingest',
    lake.input('two.ndjson'),
    '--event',
    'order',
    '--key',
    'id',
  );
  yield { nr: 9, tried: 'ingest into order', ours: said(order), right: /^exit 0/ };
  yield {
    nr: 9,
    tried: 'select count(*) from order',
    ours: await lake.sql('select count(*)::integer n from order'),
    right: /"n":\s*2/,
  };
}

export async function* ids(lake: LakeUnderTrial): AsyncGenerator<Trial> {
  for (const name of ['emptyid', 'longkey']) {
    const body = readFileSync(lake.input(`${name}.json`), 'utf8');
    const { id } = JSON.parse(body) as { readonly id: string };
    yield {
      nr: 10,
      tried: `POST ${name}.json`,
      ours: await lake.post('kitchen', body),
      right: /^200/,
    };
    yield {
      nr: 10,
      tried: `look up ${name}`,
      ours: await lake.lookUp('kitchen', id),
      right: /^200.*"count":1/,
    };
  }
}
