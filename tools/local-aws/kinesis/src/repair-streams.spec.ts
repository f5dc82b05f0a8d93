import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kinesisSource } from './kinesis-source';
import { repairText, repairStreams } from './repair-streams';
import { fastParseSequence } from './sequence-numbers';
import { startKinesis, type LocalKinesis } from './start-kinesis';

const root = mkdtempSync(join(tmpdir(), 'sluice-repair-'));
afterAll(() => rmSync(root, { recursive: true }));

const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
const spec = { name: 'orders', shards: 2 };
const known = { ...spec, positions: new Map<string, string>() };

/** Data of each acknowledged record, by its sequence number. */
type Stored = Map<string, string>;

async function put(kinesis: LocalKinesis, texts: readonly string[], stored: Stored): Promise<void> {
  const { Records } = await kinesis.call<{
    readonly Records: readonly { readonly SequenceNumber: string }[];
  }>('PutRecords', {
    StreamName: spec.name,
    Records: texts.map((text) => ({
      Data: Buffer.from(text).toString('base64'),
      PartitionKey: text,
    })),
  });
  for (const [index, { SequenceNumber }] of Records.entries())
    stored.set(SequenceNumber, texts[index] ?? '');
}

async function readAll(kinesis: LocalKinesis): Promise<Stored> {
  const found: Stored = new Map();
  const [stream] = await kinesis.ensureStreams([spec]);
  for (const shardId of stream?.shardIds ?? []) {
    const source = kinesisSource({ call: kinesis.call, stream: spec.name, shardId });
    for (let records = await source.next(); records.length > 0; records = await source.next())
      for (const { sequenceNumber, data } of records)
        found.set(sequenceNumber, Buffer.from(data, 'base64').toString());
  }
  return found;
}

/** Runs a Kinesis on a folder while a function uses it. */
async function over<T>(folder: string, act: (kinesis: LocalKinesis) => Promise<T>): Promise<T> {
  const kinesis = await startKinesis({ folder, credentials });
  try {
    return await act(kinesis);
  } finally {
    await kinesis.close();
  }
}

const whole = join(root, 'whole');
const stored: Stored = new Map();

beforeAll(async () => {
  // What a start finds in the log of the run before, it moves to a table.
  for (let run = 0; run < 2; run++)
    await over(whole, async (kinesis) => {
      await kinesis.ensureStreams([spec]);
      for (let batch = 0; batch < 10; batch++)
        await put(
          kinesis,
          Array.from({ length: 20 }, (_, index) => `{"run":${run},"n":${batch * 20 + index}}`),
          stored,
        );
    });
});

/** Returns the position of a record among all records of the stream. */
const indexOf = (sequenceNumber: string): number =>
  Number(
    fastParseSequence(() => {
      throw new RangeError(sequenceNumber);
    })(sequenceNumber).seqIx,
  );

let copies = 0;
function copy(damage: (folder: string) => void): string {
  const folder = join(root, `copy-${++copies}`);
  cpSync(whole, folder, { recursive: true });
  damage(folder);
  return folder;
}

const fileOf = (folder: string, ending: RegExp): string =>
  join(
    folder,
    readdirSync(folder).find((name) => ending.test(name)) ?? `there is no file like ${ending}`,
  );

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  writeFileSync(file, bytes);
}

describe('repairStreams', () => {
  test('leaves a database alone that is what was written', async () => {
    expect(await repairStreams(whole, [known])).toBeUndefined();
    expect(await repairStreams(join(root, 'not there'), [known])).toBeUndefined();
  });

  test.each([
    ['log', /\.log$/],
    ['table', /\.ldb$/],
    ['manifest', /^MANIFEST/],
  ])(
    'finds every changed bit of a %s, and gives nothing that was not stored',
    async (_, ending) => {
      const { length } = readFileSync(fileOf(whole, ending));
      const places = Array.from({ length: 12 }, (__, index) =>
        Math.floor(((index + 0.5) * length) / 12),
      );
      for (const at of [0, 4, 6, ...places, length - 47, length - 1]) {
        const folder = copy((made) => flip(fileOf(made, ending), at));
        const repaired = await repairStreams(folder, [known]);
        expect({ at, places: repaired?.damages.length }).toEqual({ at, places: 1 });
        // In shares, as starting Kinesis takes its time.
        if (at % 3 > 0) continue;
        const found = await over(folder, readAll);
        expect({ at, readable: repaired?.readable }).toEqual({ at, readable: found.size });
        expect({ at, missing: repaired?.missing }).toEqual({
          at,
          missing: stored.size - found.size,
        });
        for (const [sequenceNumber, text] of found) expect(text).toBe(stored.get(sequenceNumber));
      }
    },
    60_000,
  );

  test('gives sequence numbers above all that were given, the lost ones too', async () => {
    const folder = copy((made) => flip(fileOf(made, /\.log$/), 60));
    await repairStreams(folder, [known]);
    const later: Stored = new Map();
    await over(folder, (kinesis) => put(kinesis, ['a', 'b', 'c'], later));
    const newest = Math.max(...[...stored.keys()].map(indexOf));
    for (const sequenceNumber of later.keys())
      expect(indexOf(sequenceNumber)).toBeGreaterThan(newest);
    // What was left out between is not missing the next time.
    flip(fileOf(folder, /\.log$/), 20);
    expect((await repairStreams(folder, [known]))?.missing).toBeLessThan(stored.size);
  });

  test('makes a stream again that is lost, and reads its records on from what was delivered', async () => {
    const [first = ''] = stored.keys();
    const positions = new Map([['shardId-000000000000', first]]);
    const folder = copy((made) => {
      rmSync(fileOf(made, /\.ldb$/));
      rmSync(fileOf(made, /\.log$/));
    });
    const repaired = await repairStreams(folder, [{ ...spec, positions }]);
    expect(repaired?.damages).toEqual([expect.stringMatching(/^\d+\.ldb \(is missing\)$/)]);
    const later: Stored = new Map();
    await over(folder, (kinesis) => put(kinesis, ['a', 'b', 'c', 'd'], later));
    const found = await over(folder, readAll);
    expect([...found.values()].sort()).toEqual(['a', 'b', 'c', 'd']);
    for (const sequenceNumber of found.keys())
      expect(indexOf(sequenceNumber)).toBeGreaterThan(indexOf(first));
  });

  test('takes what a killed process was writing for no damage', async () => {
    const cut = copy((made) => {
      const log = fileOf(made, /\.log$/);
      truncateSync(log, readFileSync(log).length - 5);
    });
    expect(await repairStreams(cut, [known])).toBeUndefined();
    const unfinished = copy((made) => {
      writeFileSync(join(made, '000099.ldb'), 'half a table');
      appendFileSync(fileOf(made, /\.log$/), Buffer.alloc(4096));
    });
    expect(await repairStreams(unfinished, [known])).toBeUndefined();
  });

  test('says what is damaged, what is missing and where the damaged files are', async () => {
    const folder = copy((made) => writeFileSync(join(made, 'CURRENT'), ''));
    const repaired = await repairStreams(folder, [known]);
    expect(repaired).toMatchObject({ missing: 0, readable: stored.size });
    expect(repaired && repairText(folder, repaired)).toMatch(
      /^the stream's log in .+ is damaged: CURRENT \(names no manifest\)\. About 0 events .+ are missing; 400 could be read.+ kept in .+-damaged-\d{8}T\d{9}Z, which can be deleted$/,
    );
  });
});
