import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesiseStage } from '../synthesise-stage';
import type { TemplateCase } from './template-cases';

const bodies: readonly string[] = [
  '{}',
  '[]',
  '{"events":[{"id":"it\'s","x":1.5},{}]}',
  '{"__type":"ProvisionedThroughputExceededException","message":"m"}',
  '{"FailedRecordCount":1,"Records":[{"ErrorCode":"InternalFailure"},{"SequenceNumber":"1","ShardId":"s"}]}',
];

/** Synthesises the stage dev, and returns a few cases for each of its distinct mapping templates. */
export async function synthesisedCases({
  root,
  folder,
}: {
  readonly root: string;
  readonly folder: string;
}): Promise<readonly TemplateCase[]> {
  const assembly = join(folder, 'assembly');
  mkdirSync(folder, { recursive: true });
  await synthesiseStage('dev', { root, assembly });
  const templates = new Map<string, string>();
  for (const file of readdirSync(assembly).filter((name) => name.endsWith('.template.json')))
    collect(JSON.parse(readFileSync(join(assembly, file), 'utf8')), file, templates);
  return [...templates].flatMap(([template, at]) =>
    bodies.map((body) => ({
      tried: `${at} over ${body}`,
      template,
      body,
      params: { event_type: 'x' },
    })),
  );
}

/** Collects the mapping templates in a value, each with its first location. */
function collect(value: unknown, at: string, templates: Map<string, string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, child] of Object.entries(value)) {
    // Templates of the gateway's own answers only support variables, not Velocity.
    if (name === 'x-amazon-apigateway-gateway-responses') continue;
    if (name !== 'requestTemplates' && name !== 'responseTemplates') {
      collect(child, `${at}/${name}`, templates);
      continue;
    }
    for (const [type, template] of Object.entries(child as object)) {
      const text = deployedText(template);
      if (!templates.has(text)) templates.set(text, `${at}/${name}/${type}`);
    }
  }
}

/** Returns the text of a template, in which names of resources are not filled in yet. */
function deployedText(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::Join': joined } = value as {
    readonly Ref?: string;
    readonly 'Fn::Join'?: readonly [string, readonly unknown[]];
  };
  if (joined) return joined[1].map(deployedText).join(joined[0]);
  return Ref ?? 'name';
}
