import { shippedEventTypes } from '@sluice/event-types';
import { App, Stack } from 'aws-cdk-lib';
import { Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleCode } from './constructs/bundle-code';
import { readDeployment } from './deployment';
import { stackName } from './sluice-app';
import { stageNames, stageSettings } from './stage-settings';

const folder = (): string => mkdtempSync(join(tmpdir(), 'sluice-events-'));

const definition = (name: string) =>
  JSON.stringify({
    name,
    version: '1.0.0',
    key: 'id',
    schema: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
  });

it('without settings the stage is dev, with the event types that ship', () => {
  const { settings, eventTypes, destroyData } = readDeployment({});
  expect(settings.stage).toBe('dev');
  expect(eventTypes).toEqual(shippedEventTypes);
  expect(destroyData).toBe(false);
});

it('definitions of a folder are added to the shipped ones', () => {
  const events = folder();
  writeFileSync(join(events, 'order.event.json'), definition('order'));
  const { eventTypes } = readDeployment({ SLUICE_EVENTS_DIR: events });
  expect(eventTypes.map(({ name }) => name)).toEqual([
    ...shippedEventTypes.map(({ name }) => name),
    'order',
  ]);
});

it('a folder that is not there is refused, not taken for an empty one', () => {
  const SLUICE_EVENTS_DIR = join(folder(), 'evnets');
  expect(() => readDeployment({ SLUICE_EVENTS_DIR })).toThrow(
    /SLUICE_EVENTS_DIR is ".*evnets", and there is no such folder/,
  );
});

it('a definition with the table of another one is refused, naming both', () => {
  const events = folder();
  writeFileSync(join(events, 'match_event.event.json'), definition('match_event'));
  expect(() => readDeployment({ SLUICE_EVENTS_DIR: events })).toThrow(
    /match_event\.event\.json: .*"match_event".*also defined in .*match-event\.ts/,
  );
});

it('a file that can not be served ends it with a sentence, unless such files are to be left out', () => {
  const events = folder();
  writeFileSync(join(events, 'a.event.json'), definition('a'));
  writeFileSync(join(events, 'players.event.json'), definition('players'));
  expect(() => readDeployment({ SLUICE_EVENTS_DIR: events })).toThrow(
    /players\.event\.json: .*reference table "players"/,
  );
  const { eventTypes } = readDeployment({
    SLUICE_EVENTS_DIR: events,
    SLUICE_BROKEN_DEFINITIONS: 'leave-out',
  });
  expect(eventTypes.at(-1)?.name).toBe('a');
});

it('data goes with its stack only where the stage’s settings and the environment agree', () => {
  const destroys = (stage: string, named: string) =>
    readDeployment({ SLUICE_STAGE: stage, SLUICE_DESTROY_DATA: named }).destroyData;
  expect(destroys('dev', 'dev')).toBe(true);
  expect(destroys('dev', 'true')).toBe(false);
  expect(destroys('staging', 'dev')).toBe(false);
  expect(destroys('prod', 'prod')).toBe(false);
});

it('a stage or a stack that does not exist is refused with those that do', () => {
  expect(() => readDeployment({ SLUICE_STAGE: 'production' })).toThrow(
    'there is no stage "production"; the stages are dev, staging, prod',
  );
  expect(() => stackName('lookup')).toThrow(
    /^there is no stack "lookup"; the stacks are lake, (?:[a-z-]+, )*lookup-api(?:, [a-z-]+)*$/,
  );
});

it('a bundle that is missing is named, with the command that makes it', () => {
  expect(() =>
    bundleCode({
      bundlesFolder: folder(),
      app: 'lookup-api',
      definitions: {},
      withSourceMaps: false,
    }),
  ).toThrow('dist/apps/lookup-api/index.mjs is missing: run "npx nx build lookup-api"');
});

it.each([
  ['go along for a debugger', true, ['definitions.json', 'index.mjs', 'index.mjs.map']],
  ['stay behind elsewhere', false, ['definitions.json', 'index.mjs']],
])('source maps %s', (_what, withSourceMaps, files) => {
  const bundlesFolder = folder();
  mkdirSync(join(bundlesFolder, 'lookup-api'));
  for (const file of ['index.mjs', 'index.mjs.map'])
    writeFileSync(join(bundlesFolder, 'lookup-api', file), '');
  const outdir = folder();
  const app = new App({ outdir, builtinCloudFormationValidation: false });
  new Function(new Stack(app, 'Some'), 'Function', {
    code: bundleCode({
      bundlesFolder,
      app: 'lookup-api',
      definitions: { 'definitions.json': [] },
      withSourceMaps,
    }),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_LATEST,
  });
  app.synth();
  const [asset = ''] = readdirSync(outdir).filter((name) => /^asset\.\w+$/.test(name));
  expect(readdirSync(join(outdir, asset)).sort()).toEqual(files);
});

describe.each(stageNames)('the settings of %s', (stage) => {
  const { delivery, streams, compaction } = stageSettings(stage);

  // Quotas: Firehose guide "Data format conversion" and "Data transformation", Kinesis guide "Quotas".
  it('are within what the services take', () => {
    expect(delivery.bufferMegabytes).toBeGreaterThanOrEqual(64);
    expect(delivery.bufferMegabytes).toBeLessThanOrEqual(128);
    expect(delivery.bufferSeconds).toBeLessThanOrEqual(900);
    expect(delivery.transformBufferMegabytes).toBeGreaterThanOrEqual(0.2);
    expect(delivery.transformBufferMegabytes).toBeLessThanOrEqual(3);
    expect(delivery.transformBufferSeconds).toBeLessThanOrEqual(900);
    expect(streams.retentionHours).toBeGreaterThanOrEqual(24);
    expect(streams.retentionHours).toBeLessThanOrEqual(8_760);
    expect(compaction.everyMinutes).toBeGreaterThan(1);
  });
});
