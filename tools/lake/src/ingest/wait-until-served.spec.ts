import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import {
  definitionsFingerprint,
  forgetRefusedDefinitions,
  noteRefusedDefinitions,
} from '../refused-definitions';
import type { ListedEventType } from './ingest-api';
import { waitUntilServed } from './wait-until-served';

const directory = dataDirectory(mkdtempSync(join(tmpdir(), 'sluice-taken-up-')));
const { path, definitions } = directory;
afterAll(() => rmSync(path, { recursive: true }));

const define = (name: string): void =>
  writeFileSync(join(definitions, `${name}.event.json`), `{"name":"${name}"}`);
beforeAll(() => {
  mkdirSync(definitions);
  define('order');
});

const order: ListedEventType = { name: 'order', key: 'id' };

/** Lists nothing until it was asked a number of times, each of which may do something. */
const afterLooks = (...acts: readonly (() => void)[]) => {
  let looks = 0;
  return () => {
    acts[looks]?.();
    return Promise.resolve(looks++ < acts.length ? [] : [order]);
  };
};

const refuse = (): void =>
  noteRefusedDefinitions(directory, definitionsFingerprint(definitions), 'b.event.json is no JSON');

const wait = (
  list: () => Promise<readonly ListedEventType[]>,
  signal = new AbortController().signal,
) => waitUntilServed({ event: 'order', dataDir: path, list, signal });

test('tells at once why the stack refuses the definitions', async () => {
  await expect(wait(afterLooks(refuse, refuse, refuse))).rejects.toThrow(
    'the stack can\'t serve "order": b.event.json is no JSON. Nothing was sent; fix it and run the command again',
  );
});

test.each<[string, () => void]>([
  ['from before, so that the stack tries again', () => undefined],
  ['of definitions that have changed since', () => define('another')],
  ['that the stack has taken back', () => forgetRefusedDefinitions(directory)],
])('waits on where there is a refusal %s', async (_, act) => {
  refuse();
  act();
  await wait(afterLooks(() => undefined));
});

test('waits while one stack replaces the other, and until it is interrupted', async () => {
  let looks = 0;
  await wait(() =>
    looks++ === 0 ? Promise.reject(new Error('refused')) : Promise.resolve([order]),
  );
  expect(looks).toBe(2);

  const stop = new AbortController();
  await wait(
    afterLooks(() => stop.abort()),
    stop.signal,
  );
});
