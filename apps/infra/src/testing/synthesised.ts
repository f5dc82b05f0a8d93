import {
  defineEvent,
  lakeQueries,
  type EventType,
  type Join,
  type NamedKeyScopes,
  type ReferenceTable,
} from '@sluice/event-schema';
import { matchEvent, shippedJoins, shippedQueries, shippedReferences } from '@sluice/event-types';
import { Template } from 'aws-cdk-lib/assertions';
import { Stack, type App } from 'aws-cdk-lib';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '../deployment';
import { sluiceApp, type StackName } from '../sluice-app';
import { stageSettings, type StageName, type StageSettings } from '../stage-settings';
import { workspaceRoot } from '../workspace';

/** An event type in addition to a shipped one, so that every test has more than one. */
export const order: EventType = defineEvent({
  name: 'order',
  version: '2.0.0',
  key: 'number',
  schema: {
    type: 'object',
    required: ['number'],
    properties: { number: { type: 'string' }, total: { type: 'number' } },
  },
});

export interface SynthesisOptions {
  readonly stage?: StageName;
  readonly eventTypes?: readonly EventType[];
  readonly joins?: readonly Join[];
  readonly references?: readonly ReferenceTable[];
  readonly apiKeys?: NamedKeyScopes;
  readonly destroyData?: boolean;
  readonly settings?: Partial<StageSettings>;
  readonly only?: StackName;
  /** Folder of the bundles. @default stand-ins that do nothing */
  readonly bundlesFolder?: string;
  /** Called before the templates are made. */
  readonly prepare?: (app: App) => void;
}

export interface Synthesised {
  readonly stacks: ReadonlyMap<string, Stack>;
  readonly template: (stackId: string) => Template;
}

/** Returns a deployment with stand-in bundles, whose behaviour these tests don't examine. */
export function deployment(options: SynthesisOptions = {}): Deployment {
  const { stage = 'dev', eventTypes = [matchEvent, order], joins = shippedJoins } = options;
  return {
    settings: { ...stageSettings(stage), ...options.settings },
    eventTypes,
    references: options.references ?? shippedReferences,
    joins,
    queries: lakeQueries(eventTypes, shippedQueries),
    apiKeys: options.apiKeys ?? {},
    bundlesFolder: options.bundlesFolder ?? standInBundles(),
    destroyData: options.destroyData ?? false,
  };
}

/** Synthesises the templates of a stage. */
export function synthesised(options: SynthesisOptions = {}): Synthesised {
  const outdir = mkdtempSync(join(tmpdir(), 'sluice-synth-'));
  const app = sluiceApp(deployment(options), {
    outdir,
    ...(options.only && { only: options.only }),
  });
  options.prepare?.(app);
  const assembly = app.synth();
  const stacks = new Map(
    app.node.children
      .filter((child): child is Stack => Stack.isStack(child))
      .map((stack) => [stack.node.id, stack]),
  );
  const templates = new Map(
    assembly.stacks.map(({ id, template }) => [
      id,
      Template.fromJSON(withNested(outdir, id, template as TemplateJson)),
    ]),
  );
  return {
    stacks,
    template: (stackId) => {
      const template = templates.get(stackId);
      if (!template) throw new Error(`no stack ${stackId} in ${[...templates.keys()].join(', ')}`);
      return template;
    },
  };
}

interface TemplateJson {
  readonly Resources?: Readonly<Record<string, object>>;
}

/** Returns a stack's template with the resources of its nested stacks merged into it. */
function withNested(outdir: string, stackId: string, template: TemplateJson): TemplateJson {
  const files = readdirSync(outdir).filter((file) => file.endsWith('.nested.template.json'));
  // In the order of the parent's template, which is the order of the tables.
  const nested = Object.keys(template.Resources ?? {})
    .flatMap((id) => /^Tables\d\d(?=NestedStack)/.exec(id) ?? [])
    .map((shard) => {
      const file = files.find((name) => name.startsWith(`${stackId}${shard}`));
      return JSON.parse(readFileSync(join(outdir, file ?? ''), 'utf8')) as TemplateJson;
    });
  return {
    ...template,
    Resources: Object.assign(
      {},
      ...[template, ...nested].map(({ Resources }) => Resources),
    ) as Record<string, object>,
  };
}

let bundles: string | undefined;

/** Returns the stand-in bundles, which are the same for every synthesis of a test file. */
function standInBundles(): string {
  if (bundles !== undefined) return bundles;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bundles-'));
  for (const app of readdirSync(join(workspaceRoot(), 'apps'))) {
    mkdirSync(join(folder, app));
    writeFileSync(join(folder, app, 'index.html'), '<!doctype html><title>Sluice</title>');
    for (const entry of ['index', 'main'])
      writeFileSync(join(folder, app, `${entry}.mjs`), `export const handler = () => '${app}';\n`);
  }
  bundles = folder;
  return folder;
}
