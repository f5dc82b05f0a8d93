import { readFileSync } from 'node:fs';
import type { LakeUnderTrial } from '../lake-under-trial';
import { refused, said, type Trial } from './trial';

export async function* decimals(lake: LakeUnderTrial): AsyncGenerator<Trial> {
  const body = (name: string): string => readFileSync(lake.input(name), 'utf8');
  yield {
    nr: 1,
    tried: 'POST dec.json',
    ours: await lake.post('kitchen', body('dec.json')),
    right: /^200/,
  };
  yield {
    nr: 1,
    tried: 'POST dec-batch.json',
    ours: await lake.post('kitchen/batch', body('dec-batch.json')),
    right: /^200.*"accepted":3/s,
  };
  const pay = `{"n":1,"uid":"0F8FAD5B-D9CB-469F-A165-70867728950E","amount":98765432109876.543}`;
  yield {
    nr: 1,
    tried: 'POST a pay with a number',
    ours: await lake.post('pay', pay),
    right: /^200/,
  };
  const digits = {
    'dec-1': '1234567890\\.123456789012345678',
    'dec-4': '12345678901234567\\.50*',
    'dec-5': '1234567890\\.1234567890*',
    'dec-6': '99999999999999\\.99990*',
  };
  for (const [id, value] of Object.entries(digits))
    yield {
      nr: 1,
      tried: `look up ${id}`,
      ours: await lake.lookUp('kitchen', id),
      right: new RegExp(`^200.*"dec":"${value}"`),
    };
  yield {
    nr: 1,
    tried: 'look up the pay by a key in lower case',
    ours: await lake.lookUp('pay', '0f8fad5b-d9cb-469f-a165-70867728950e'),
    right: /"amount":"0*98765432109876\.5430"/,
  };
}

export async function* digits(lake: LakeUnderTrial): AsyncGenerator<Trial> {
  const taken = await lake.command(
    'ingest',
    lake.input('30-digits.ndjson'),
    '--event',
    'digits',
    '--key',
    'id',
  );
  yield { nr: 2, tried: 'ingest 30-digits', ours: said(taken), right: /^exit 0/ };
  const row = await lake.lookUp('digits', 'a');
  for (const literal of [
    '"amount":"?1234567890123456\\.7',
    '"int_or_frac":"?36028797018963968',
    '"arr":"\\[1234567890123456\\.7,0\\.5\\]"',
    '"objs":"\\[\\{\\\\"x\\\\":1234567890123456\\.7\\}\\]"',
    '"d16":"?9007199254740992\\.5',
    '"lat":"?0\\.12345678901234567',
    '"two55":"?36028797018963968',
    '"neg":"?-9007199254740993\\.5',
    '"exp17":"?123456\\.78901234567',
    '"small":"?0\\.00000012345678901234567',
  ])
    yield { nr: 2, tried: `look up 30-digits: ${literal}`, ours: row, right: new RegExp(literal) };
  const batch = readFileSync(lake.input('json-text-batch.json'), 'utf8');
  yield {
    nr: 2,
    tried: 'POST json-text-batch',
    ours: await lake.post('kitchen/batch', batch),
    right: /^200.*"accepted":10/s,
  };
  yield {
    nr: 2,
    tried: 'look up jt-1',
    ours: await lake.lookUp('kitchen', 'jt-1'),
    right: /\\"x\\":0\.12345678901234567,.*\\"big\\":12345678901234567890.*9007199254740\.9931/,
  };
  const put = await lake.command(
    'put-reference',
    '--name',
    'r17',
    '--file',
    lake.input('r17-digits17.csv'),
  );
  yield { nr: 2, tried: 'put-reference r17-digits17.csv', ours: said(put), right: /^exit 0/ };
  yield {
    nr: 2,
    tried: 'r17 by SQL',
    ours: await lake.sql('select amount::varchar a from r17 order by id'),
    right: /"1234567890123456\.7".*"0\.1"/s,
  };
}

export async function* surrogates(lake: LakeUnderTrial): AsyncGenerator<Trial> {
  const body = readFileSync(lake.input('surrogate.json'), 'utf8');
  yield {
    nr: 4,
    tried: 'POST surrogate.json',
    ours: await lake.post('kitchen', body),
    right: /^200/,
  };
  yield {
    nr: 4,
    tried: 'look up sur-1',
    ours: await lake.lookUp('kitchen', 'sur-1'),
    right: /"unmapped":"\{\\"s\\":\\"Prize \\\\ud83d\\"\}"/,
  };
  const first = await lake.command(
    'ingest',
    lake.input('surrogate-file-1.ndjson'),
    '--event',
    'sur',
    '--key',
    'id',
    '--identity',
    'id',
  );
  yield { nr: 4, tried: 'ingest surrogate-file-1', ours: said(first), right: /^exit 0/ };
  const second = await lake.command(
    'ingest',
    lake.input('surrogate-file-2.ndjson'),
    '--event',
    'sur',
  );
  yield {
    nr: 4,
    tried: 'ingest surrogate-file-2',
    ours: said(second),
    right: refused(/2 .*failed|surrogate/),
  };
  yield {
    nr: 4,
    tried: 'rows of both',
    ours: await lake.sql('select id, unmapped from sur order by id'),
    right: /"1".*"2".*ud83d/s,
  };
}
