import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { EngineMissing, type Difference, type Engine } from '../engine';
import type { Finished } from '../run-program';
import { LakeUnderTrial } from '../lake-under-trial';

/** What became of an input, and what is right. */
interface Trial {
  readonly tried: string;
  /** Numbers of the row in the table of the inputs' README. */
  readonly nr: number;
  readonly ours: string;
  readonly right: RegExp;
}

export const cases: Engine = {
  name: 'cases',
  title: 'Inputs after reports about other systems',
  compares:
    'The small files of shared/cases beside the repository, each used as its README says, through the gateway, the commands and the look-up; expected is the right column of its table.',
  run: async ({ root, scratch, progress }) => {
    const inputs = inputFolder(root);
    if (inputs === undefined)
      throw new EngineMissing('no folder shared/cases beside the repository');
    const lakeOf = (name: string): LakeUnderTrial => {
      const folder = join(scratch, name);
      mkdirSync(folder);
      return new LakeUnderTrial({ root, inputs, dataDir: join(folder, 'data') });
    };
    const trials: Trial[] = [];
    for (const [name, story] of Object.entries(stories)) {
      progress(`trying ${name} …`);
      const lake = lakeOf(name.replaceAll(/\W+/g, '-'));
      try {
        for await (const trial of story(lake)) trials.push(trial);
      } finally {
        await lake.stop();
      }
    }
    return {
      versions: { node: process.versions.node },
      tried: trials.length,
      differences: trials.filter(({ ours, right }) => !right.test(ours)).map(differenceOf),
      known: [],
      notes: [`Rows of the table: ${[...new Set(trials.map(({ nr }) => nr))].join(', ')}.`],
    };
  },
};

const differenceOf = ({ nr, tried, ours, right }: Trial): Difference => ({
  tried: `${nr}: ${tried}`,
  ours: ours.slice(0, 600),
  theirs: String(right),
});

/** Returns the folder of the inputs, beside the workspace or a folder around it. */
function inputFolder(root: string): string | undefined {
  for (let folder = root; dirname(folder) !== folder; folder = dirname(folder)) {
    const candidate = join(folder, 'shared', 'cases');
    if (existsSync(candidate)) return candidate;
  }
  return undefined;
}

type Story = (lake: LakeUnderTrial) => AsyncGenerator<Trial>;

const said = ({ code, stdout, stderr }: Finished): string =>
  `exit ${code}: ${`${stdout}\n${stderr}`.replaceAll(/\s+/g, ' ').trim()}`;

/** Matches a failure that is told in sentences: an exit code of 1, no stack trace, and the words given. */
const refused = (words: RegExp): RegExp =>
  new RegExp(`^exit 1: (?!.*\\bat \\S+ \\(?(?:file|node):).*(?:${words.source})`, 's');

const stories: Readonly<Record<string, Story>> = {
  'a running stack': async function* (lake) {
    lake.define('kitchen', 'kitchen.event.json');
    lake.define('pay', '40-pay.event.json');
    await lake.start();
    yield* decimals(lake);
    yield* digits(lake);
    yield* surrogates(lake);
    yield* names(lake);
    yield* ids(lake);
    yield* wrongBodies(lake);
    yield* aggregated(lake);
    yield* wrongClothes(lake);
    yield* foreignTables(lake);
    yield* foreignRawFiles(lake);
  },
  'a changed definition': async function* (lake) {
    lake.define('evt', 'evolve-1.event.json');
    yield {
      nr: 3,
      tried: 'evolve-1',
      ours: said(await lake.once('evolve-1.ndjson', 'evt')),
      right: /^exit 0/,
    };
    lake.define('evt', 'evolve-2-double.event.json');
    yield {
      nr: 3,
      tried: 'evolve-2',
      ours: said(await lake.once('evolve-2.ndjson', 'evt')),
      right: refused(/"v" changed from bigint to double/),
    };
    yield {
      nr: 3,
      tried: 'evolve-1 by SQL',
      ours: await lake.sql(`select v::varchar v from evt where id = 'big'`),
      right: /"9007199254740993"/,
    };
    lake.define('evt', 'evolve-3-incompatible.event.json');
    yield {
      nr: 7,
      tried: 'evolve-3',
      ours: said(await lake.once('evolve-3.ndjson', 'evt')),
      right: refused(/"v" changed from bigint to string/),
    };
  },
  'a removed column': async function* (lake) {
    yield {
      nr: 7,
      tried: 'type-change-1',
      ours: said(await lake.once('type-change-1.ndjson', 'tc')),
      right: /^exit 0/,
    };
    lake.forget('tc');
    yield {
      nr: 7,
      tried: 'type-change-2',
      ours: said(await lake.once('type-change-2.ndjson', 'tc')),
      right: /^exit 0.*"w" was removed; stored values of it move to "unmapped"/,
    };
    yield {
      nr: 7,
      tried: 'both by SQL',
      ours: await lake.sql('select id, z, unmapped from tc order by id'),
      right: /"a".*\{\\"w\\":\\"abc\\"\}.*"b".*"new"/s,
    };
  },
  'names of event types': async function* (lake) {
    yield {
      nr: 8,
      tried: '--event players',
      ours: said(await lake.once('two.ndjson', 'players')),
      right: refused(/reference table "players"/),
    };
    yield {
      nr: 8,
      tried: '--event foo after players',
      ours: said(await lake.once('two.ndjson', 'foo')),
      right: /^exit 0/,
    };
    yield {
      nr: 8,
      tried: '--event foo_raw',
      ours: said(await lake.once('two.ndjson', 'foo_raw')),
      right: refused(/"foo_raw".*"foo"/),
    };
    yield {
      nr: 8,
      tried: 'wide-600 after foo_raw',
      ours: said(await lake.once('wide-600.ndjson', 'wide')),
      right: /^exit 0.*"delivered":2/,
    };
  },
  'events that drift': async function* (lake) {
    yield {
      nr: 11,
      tried: 'drift-1',
      ours: said(await lake.once('drift-1.ndjson', 'drift')),
      right: /^exit 0/,
    };
    yield {
      nr: 11,
      tried: 'drift-2',
      ours: said(await lake.once('drift-2.ndjson', 'drift')),
      right: refused(/"failed":5.*"pointer":"\/price".*type at \/price.*replay/),
    };
  },
};

async function* decimals(lake: LakeUnderTrial): AsyncGenerator<Trial> {
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

async function* digits(lake: LakeUnderTrial): AsyncGenerator<Trial> {
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

async function* surrogates(lake: LakeUnderTrial): AsyncGenerator<Trial> {
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

async function* names(lake: LakeUnderTrial): AsyncGenerator<Trial> {
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

async function* ids(lake: LakeUnderTrial): AsyncGenerator<Trial> {
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

async function* wrongBodies(lake: LakeUnderTrial): AsyncGenerator<Trial> {
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

async function* aggregated(lake: LakeUnderTrial): AsyncGenerator<Trial> {
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

async function* wrongClothes(lake: LakeUnderTrial): AsyncGenerator<Trial> {
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

async function* foreignTables(lake: LakeUnderTrial): AsyncGenerator<Trial> {
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

async function* foreignRawFiles(lake: LakeUnderTrial): AsyncGenerator<Trial> {
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
