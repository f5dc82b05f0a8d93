import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EngineMissing, type Difference, type Engine } from '../engine';
import { LakeUnderTrial } from '../lake-under-trial';
import {
  aggregated,
  foreignRawFiles,
  foreignTables,
  wrongBodies,
  wrongClothes,
} from './bodies-and-files';
import { ids, names } from './names-and-ids';
import { decimals, digits, surrogates } from './numbers-and-texts';
import { refused, said, type Story, type Trial } from './trial';

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
