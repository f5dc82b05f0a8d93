import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A template as CloudFormation receives it. */
export interface GuardedTemplate {
  /** Name of the file without its extension, such as `IngestGateway`. */
  readonly name: string;
  /** Size of the uploaded file in bytes. */
  readonly bytes: number;
  readonly template: Template;
}

export interface Template {
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Properties;
  readonly DeletionPolicy?: string;
}

export type Properties = Readonly<Record<string, unknown>>;

/** A resource with its logical id. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: Properties;
  readonly deletionPolicy: string | undefined;
}

/** Reads all templates of a cloud assembly, including nested ones. */
export function readTemplates(assembly: string): readonly GuardedTemplate[] {
  const manifest = JSON.parse(readFileSync(join(assembly, 'manifest.json'), 'utf8')) as {
    readonly artifacts?: Readonly<
      Record<string, { readonly type: string; readonly properties?: { readonly file?: string } }>
    >;
  };
  const files = new Set<string>();
  for (const { type, properties } of Object.values(manifest.artifacts ?? {})) {
    if (type !== 'cdk:asset-manifest' || properties?.file === undefined) continue;
    const assets = JSON.parse(readFileSync(join(assembly, properties.file), 'utf8')) as {
      readonly files?: Readonly<Record<string, { readonly source?: { readonly path?: string } }>>;
    };
    for (const { source } of Object.values(assets.files ?? {}))
      if (source?.path?.endsWith('template.json')) files.add(source.path);
  }
  return [...files].sort().map((file) => {
    const text = readFileSync(join(assembly, file), 'utf8');
    return {
      name: file.replace(/\.template\.json$/, ''),
      bytes: Buffer.byteLength(text),
      template: JSON.parse(text) as Template,
    };
  });
}

/** Returns the resources of some types, or all resources. */
export const resourcesOf = (
  { template }: GuardedTemplate,
  ...types: readonly string[]
): readonly Resource[] =>
  Object.entries(template.Resources ?? {})
    .filter(([, { Type }]) => types.length === 0 || types.includes(Type))
    .map(([id, { Type, Properties = {}, DeletionPolicy }]) => ({
      id,
      type: Type,
      properties: Properties,
      deletionPolicy: DeletionPolicy,
    }));

/** Yields every value in a JSON value with its pointer, containers before their content. */
export function* values(
  value: unknown,
  pointer = '',
): Generator<{ readonly pointer: string; readonly value: unknown }> {
  yield { pointer, value };
  if (typeof value !== 'object' || value === null) return;
  for (const [name, child] of Object.entries(value)) yield* values(child, `${pointer}/${name}`);
}

/** Text for each pseudo parameter, such as `AWS::Region`. */
export type PseudoParameters = Readonly<Record<string, string>>;

/** The longest value that each pseudo parameter can have. */
const longestPseudo: PseudoParameters = {
  'AWS::AccountId': '123456789012',
  'AWS::Region': 'ap-southeast-1',
  'AWS::Partition': 'aws-us-gov',
  'AWS::StackName': 'stack',
  'AWS::URLSuffix': 'amazonaws.com.cn',
};

/**
 * Returns the text that a value becomes in a deployment, with `Ref` and `Fn::GetAtt` of other resources replaced by
 * the name in angle brackets; undefined where the value is not a text.
 *
 * @param pseudo texts of the pseudo parameters; by default the longest that they can have
 */
export function deployedText(
  value: unknown,
  pseudo: PseudoParameters = longestPseudo,
): string | undefined {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const { Ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as Properties;
  if (typeof Ref === 'string') return pseudo[Ref] ?? `<${Ref}>`;
  if (Array.isArray(attribute)) return `<${attribute.join('.')}>`;
  if (!Array.isArray(join)) return undefined;
  const [separator, parts] = join as [string, readonly unknown[]];
  return parts.map((part) => deployedText(part, pseudo) ?? '').join(separator);
}

export const isObject = (value: unknown): value is Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const listOf = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
