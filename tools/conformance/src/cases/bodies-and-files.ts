import { gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import type { LakeUnderTrial } from '../lake-under-trial';
import { refused, said, type Trial } from './trial';

export async function* wrongBodies(lake: LakeUnderTrial): AsyncGenerator<Trial> {
  const gzipped = readFileSync(lake.input('ct.json.gz'));
  yield {
    nr: 13,
    tried: 'POST ct.json.gz as it is',
    ours: await lake.post('kitchen', gzipped),
    right: /^415.*Content-Encoding/s,
  };
  yield {
    nr: 13,
    tried: 'POST ct.json.gz with Content-Encoding',
    ours: await lake.post('kitchen', gzipped, { 'content-encoding': 'gzip' }),
    right: /^200/,
  };
  const { id } = JSON.parse(gunzipSync(gzipped).toString()) as { readonly id: string };
  yield {
    nr: 13,
    tried: 'look up ct.json.gz',
    ours: await lake.lookUp('kitchen', id),
    right: /^200.*"count":1/,
  };
  yield {
    nr: 13,
    tried: 'POST bom.json',
    ours: await lake.post('kitchen', readFileSync(lake.input('bom.json'))),
    right: /^400.*byte order mark \(U\+FEFF\)/s,
  };
}

export async function* aggregated(lake: LakeUnderTrial): AsyncGenerator<Trial> {
  const stream = 'sluice-dev-kitchen';
  yield {
    nr: 14,
    tried: 'put-kinesis.mjs kpl',
    ours: said(await lake.inputProgram('put-kinesis.mjs', stream, 'kpl')),
    right: /^exit 0/,
  };
  for (const id of ['kpl-1', 'kpl-2', 'kpl-3'])
    yield {
      nr: 14,
      tried: `look up ${id}`,
      ours: await lake.lookUp('kitchen', id),
      right: /^200.*"count":1/,
    };
}

export async function* wrongClothes(lake: LakeUnderTrial): AsyncGenerator<Trial> {
  const right: Readonly<Record<string, readonly [number, RegExp]>> = {
    '46-array-lines.ndjson': [12, /array.*\.json/],
    '10c-wrapped.json': [12, /"records".*jq/],
    'cloudtrail.json': [12, /"Records".*jq/],
    '08e-utf32.ndjson': [12, /UTF-32.*iconv/],
    '08b-utf16le-nobom.ndjson': [12, /UTF-16.*iconv/],
    '07d-nosep.json': [15, /line 1, column 19/],
    '07e-dblcomma.json': [15, /line 1, column 19/],
  };
  for (const [name, [nr, words]] of Object.entries(right)) {
    const taken = await lake.command(
      'ingest',
      lake.input(name),
      '--event',
      'clothes',
      '--key',
      'id',
    );
    yield { nr, tried: `ingest ${name}`, ours: said(taken), right: refused(words) };
  }
  const pipe = await lake.command(
    'put-reference',
    '--name',
    'pipe',
    '--file',
    lake.input('r10b-pipe.csv'),
  );
  yield {
    nr: 12,
    tried: 'put-reference r10b-pipe.csv',
    ours: said(pipe),
    right: /^exit 0.*2 rows, 2 columns/,
  };
}

const foreign = {
  p01: { input: 'p01-required-list-2level.parquet', event: '{"id":100,"tags":["q"]}' },
  p05: {
    input: 'p05-avro-array-array-record.parquet',
    event: '{"id":100,"m":[[{"k":1,"s":"a"}]]}',
  },
  p11: { input: 'p11-dupcols.parquet', event: '{"id":100,"v":5}' },
  p14: { input: 'p14-numrows0.parquet', event: '{"id":100}' },
} as const;

export async function* foreignTables(lake: LakeUnderTrial): AsyncGenerator<Trial> {
  const put = async (name: keyof typeof foreign): Promise<string> =>
    said(
      await lake.command(
        'put-reference',
        '--name',
        name,
        '--file',
        lake.input(foreign[name].input),
      ),
    );
  for (const name of ['p01', 'p05', 'p14'] as const)
    yield { nr: 6, tried: `put-reference ${name}`, ours: await put(name), right: /^exit 0/ };
  yield {
    nr: 6,
    tried: 'put-reference p11',
    ours: await put('p11'),
    right: refused(/"v" and "v" both/),
  };
  yield {
    nr: 6,
    tried: 'p01 by SQL',
    ours: await lake.sql('select tags::varchar t from p01 order by id'),
    right: /"\[x, y\]".*"\[\]".*"\[z\]"/s,
  };
  yield {
    nr: 6,
    tried: 'p05 by SQL',
    ours: await lake.sql('select m from p05 order by id'),
    right:
      /\[\[\{\\"k\\":1,\\"s\\":\\"a\\"\}\],\[\{\\"k\\":2,\\"s\\":\\"b\\"\},\{\\"k\\":3,\\"s\\":\\"c\\"\}\]\]".*"\[\]"/s,
  };
  yield {
    nr: 6,
    tried: 'p14 by SQL',
    ours: await lake.sql('select count(*)::integer n from p14'),
    right: /"n":\s*2/,
  };
}

export async function* foreignRawFiles(lake: LakeUnderTrial): AsyncGenerator<Trial> {
  for (const [name, { input, event }] of Object.entries(foreign)) {
    const table = `raw_of_${name}`;
    const taken = await lake.command(
      'ingest',
      lake.file(`${name}.ndjson`, event),
      '--event',
      table,
      '--key',
      'id',
    );
    yield { nr: 6, tried: `ingest a first event of ${table}`, ours: said(taken), right: /^exit 0/ };
    lake.layAmongRawFiles(table, input);
  }
  const items: readonly (readonly [string, string, RegExp])[] = [
    ['raw_of_p01', '1', /"tags":\["x","y"\]/],
    ['raw_of_p01', '2', /"tags":\[\]/],
    ['raw_of_p01', '3', /"tags":\["z"\]/],
    [
      'raw_of_p05',
      '1',
      /\[\[\{\\"k\\":1,\\"s\\":\\"a\\"\}\],\[\{\\"k\\":2,\\"s\\":\\"b\\"\},\{\\"k\\":3,\\"s\\":\\"c\\"\}\]\]/,
    ],
    ['raw_of_p05', '2', /\\"m\\":\[\]/],
    ['raw_of_p14', '1', /^200.*"count":1/],
    ['raw_of_p11', '1', /^500.*can't be read.*asking again does not help/],
  ];
  for (const [table, id, right] of items)
    yield { nr: 6, tried: `look up ${id} in ${table}`, ours: await lake.lookUp(table, id), right };
}
