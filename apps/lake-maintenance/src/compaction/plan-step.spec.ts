import {
  filesToken,
  rawFileToken,
  type CompactedFile,
  type Manifest,
  type ObjectInfo,
} from '@sluice/lake-layout';
import { planStep, type DayState } from './plan-step';

const raw = (name: string, bytes = 100): ObjectInfo => ({
  key: `order/raw/dt=2026-11-20/hour=10/${name}.parquet`,
  bytes,
  etag: `"${name}"`,
  modifiedMs: 0,
});

const compacted = (run: number, bytes: number): CompactedFile => ({
  key: `c${run}`,
  run,
  bytes,
  etag: '""',
  rows: 1,
  minKey: 'a',
  maxKey: 'z',
  footerBytes: 1,
  packedFooter: '',
});

const someFilter = { key: 'f', bytes: 1, etag: '""', keys: 1, keyForm: '[2,"uuid"]' };

const manifest = (
  files: readonly CompactedFile[],
  absorbed: readonly ObjectInfo[] = [],
  sealed = false,
): Manifest => ({
  formatVersion: 1,
  table: 'order',
  date: '2026-11-20',
  sealed,
  announced: false,
  files,
  absorbed: [{ atMs: 0, tokens: absorbed.map(rawFileToken) }],
  replaced: [],
  updatedAtMs: 0,
  ...(sealed && { keyFilter: { ...someFilter, of: filesToken(files) } }),
});

const plan = (state: DayState, { seal = false, maxStepBytes = 10_000, refused = [''] } = {}) => {
  const step = planStep(state, { seal, maxStepBytes, refused: new Set(refused) });
  if (!step || step.kind === 'seal') return step?.kind;
  const taken = [
    ...(step.kind === 'absorb' ? step.rawFiles : []).map(({ etag }) => etag.slice(1, -1)),
    ...step.files.map(({ run }) => `run${run}`),
    ...('filterOf' in step ? step.filterOf : []).map(({ run }) => `filter${run}`),
  ];
  return `${step.kind} ${taken.join(' ')}${'seal' in step && step.seal ? ' seal' : ''}`;
};

/** Returns a file as an earlier release described it. */
function withoutFooter(file: CompactedFile): CompactedFile {
  const { packedFooter, ...rest } = file;
  expect(packedFooter).toBe('');
  return rest;
}

describe('planning the next step of a day', () => {
  it.each<[string, DayState, Parameters<typeof plan>[1], string | undefined]>([
    ['an empty day', { manifest: undefined, rawFiles: [] }, {}, undefined],
    ['an empty day to be sealed', { manifest: undefined, rawFiles: [] }, { seal: true }, undefined],
    [
      'files of earlier releases, once nothing else is to do',
      {
        manifest: manifest([withoutFooter(compacted(1, 9)), compacted(2, 1)], [raw('a')], true),
        rawFiles: [raw('a')],
      },
      {},
      'describe run1',
    ],
    [
      'a sealed day whose filter is of other files',
      {
        manifest: {
          ...manifest([compacted(1, 9), compacted(1, 8)], [], true),
          keyFilter: { ...someFilter, of: filesToken([compacted(2, 1)]) },
        },
        rawFiles: [],
      },
      {},
      'describe filter1 filter1',
    ],
    [
      'a sealed day whose filter an earlier release made of another column',
      {
        manifest: {
          ...manifest([compacted(1, 9)], [], true),
          keyFilter: {
            ...someFilter,
            of: filesToken([compacted(1, 9)]),
            keyForm: '{"kind":"string"}',
          },
        },
        rawFiles: [],
      },
      {},
      'describe filter1',
    ],
    [
      'a sealed day of more keys than a filter is made of',
      {
        manifest: {
          ...manifest([{ ...compacted(1, 9), rows: 5_000_000 }], [], true),
          keyFilter: { ...someFilter, of: '' },
        },
        rawFiles: [],
      },
      {},
      undefined,
    ],
    [
      'a file of an earlier release that can not be read',
      { manifest: manifest([withoutFooter(compacted(1, 9))]), rawFiles: [] },
      { refused: ['c1'] },
      undefined,
    ],
    ['first raw files', { manifest: undefined, rawFiles: [raw('a'), raw('b')] }, {}, 'absorb a b'],
    [
      'absorbed raw files',
      { manifest: manifest([compacted(1, 100)], [raw('a')]), rawFiles: [raw('a')] },
      {},
      undefined,
    ],
    [
      'a raw file written again',
      {
        manifest: manifest([compacted(1, 900)], [raw('a')]),
        rawFiles: [{ ...raw('a'), etag: '"a2"' }],
      },
      {},
      'absorb a2',
    ],
    [
      'new rows beside a run of their size',
      { manifest: manifest([compacted(1, 200)]), rawFiles: [raw('a')] },
      {},
      'absorb a run1',
    ],
    [
      'new rows beside much larger runs',
      { manifest: manifest([compacted(1, 900), compacted(2, 300)]), rawFiles: [raw('a')] },
      {},
      'absorb a',
    ],
    [
      'new rows beside as many runs as a day may have',
      {
        manifest: manifest([1, 2, 3, 4, 5, 6].map((run) => compacted(run, 10 ** (run + 2)))),
        rawFiles: [raw('a')],
      },
      {},
      'absorb a run1',
    ],
    [
      'more raw files than one step takes',
      { manifest: manifest([compacted(1, 1)]), rawFiles: [raw('a'), raw('b'), raw('c')] },
      { maxStepBytes: 200 },
      'absorb a b',
    ],
    [
      'a raw file larger than a step',
      { manifest: undefined, rawFiles: [raw('a', 500), raw('b')] },
      { maxStepBytes: 200 },
      'absorb a',
    ],
    [
      'a run too large to be absorbed with',
      { manifest: manifest([compacted(1, 190)]), rawFiles: [raw('a')] },
      { maxStepBytes: 200 },
      'absorb a',
    ],
    [
      'runs of one size',
      { manifest: manifest([compacted(1, 100), compacted(2, 100)]), rawFiles: [] },
      {},
      undefined,
    ],
    [
      'a day to be sealed with raw files',
      { manifest: manifest([compacted(1, 9_000)]), rawFiles: [raw('a')] },
      { seal: true },
      'absorb a run1 seal',
    ],
    [
      'a day to be sealed with runs',
      { manifest: manifest([compacted(1, 9_000), compacted(2, 1)]), rawFiles: [] },
      { seal: true },
      'merge run2 run1 seal',
    ],
    [
      'a day of one run to be sealed',
      { manifest: manifest([compacted(1, 1)]), rawFiles: [] },
      { seal: true },
      'seal',
    ],
    [
      'a sealed day',
      { manifest: manifest([compacted(1, 1)], [], true), rawFiles: [] },
      { seal: true },
      undefined,
    ],
    [
      'a raw file that arrives after sealing',
      { manifest: manifest([compacted(1, 1)], [], true), rawFiles: [raw('late')] },
      { seal: true },
      'absorb late run1 seal',
    ],
    [
      'nothing but an unreadable file',
      { manifest: manifest([compacted(1, 1)]), rawFiles: [raw('a')] },
      { seal: true, refused: [raw('a').key] },
      undefined,
    ],
  ])('%s', (_, state, options, expected) => {
    expect(plan(state, options)).toBe(expected);
  });

  it('keeps the runs of a day few and the rows rewritten few times', () => {
    let files: readonly CompactedFile[] = [];
    let written = 0;
    let maxRuns = 0;
    const steps = 288;
    for (let step = 1; step <= steps; step++) {
      const planned = planStep(
        { manifest: manifest(files), rawFiles: [raw(`r${step}`)] },
        { seal: false, maxStepBytes: 1e9 },
      );
      if (planned?.kind !== 'absorb') throw new Error('expected to absorb');
      const bytes = 100 + planned.files.reduce((sum, file) => sum + file.bytes, 0);
      files = [...files.filter((file) => !planned.files.includes(file)), compacted(step, bytes)];
      written += bytes;
      maxRuns = Math.max(maxRuns, files.length);
    }
    expect(maxRuns).toBeLessThanOrEqual(6);
    expect(written / (steps * 100)).toBeLessThan(10);
  });
});
