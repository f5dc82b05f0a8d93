import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** A resource of a synthesised template, its intrinsic functions not evaluated yet. */
export interface TemplateResource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface TemplateParameter {
  readonly type: string;
  readonly defaultValue: unknown;
}

export interface Stack {
  readonly name: string;
  readonly resources: ReadonlyMap<string, TemplateResource>;
  readonly parameters: ReadonlyMap<string, TemplateParameter>;
  readonly mappings: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
  >;
  readonly conditions: Readonly<Record<string, unknown>>;
  /** Asset hash → folder or file on disk. */
  readonly assets: ReadonlyMap<string, string>;
}

/** What `cdk synth` wrote: every stack with its template and its assets. */
export interface CloudAssembly {
  readonly folder: string;
  readonly stacks: readonly Stack[];
}

interface AssemblyManifest {
  readonly artifacts?: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly displayName?: string;
        readonly properties?: {
          readonly templateFile?: string;
          readonly stackName?: string;
          readonly file?: string;
        };
      }
    >
  >;
}

interface Template {
  readonly Resources?: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Record<string, unknown> }>
  >;
  readonly Parameters?: Readonly<
    Record<string, { readonly Type: string; readonly Default?: unknown }>
  >;
  readonly Mappings?: Stack['mappings'];
  readonly Conditions?: Stack['conditions'];
}

interface AssetManifest {
  readonly files?: Readonly<Record<string, { readonly source?: { readonly path?: string } }>>;
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

/** @param folder the cloud assembly's, such as `dist/cdk.out`. */
export function readAssembly(folder: string): CloudAssembly {
  const manifest = readJson(join(folder, 'manifest.json')) as AssemblyManifest;
  const stacks: Stack[] = [];
  for (const [id, artifact] of Object.entries(manifest.artifacts ?? {})) {
    if (artifact.type !== 'aws:cloudformation:stack') continue;
    const templateFile = join(folder, artifact.properties?.templateFile ?? `${id}.template.json`);
    const template = readJson(templateFile) as Template;
    const name = artifact.properties?.stackName ?? id;
    const resources = Object.entries(template.Resources ?? {}).map(
      ([logicalId, { Type, Properties = {} }]) =>
        [logicalId, { stackName: name, logicalId, type: Type, properties: Properties }] as const,
    );
    const parameters = Object.entries(template.Parameters ?? {}).map(
      ([parameter, { Type, Default }]) =>
        [parameter, { type: Type, defaultValue: Default }] as const,
    );
    stacks.push({
      name,
      resources: new Map(resources),
      parameters: new Map(parameters),
      mappings: template.Mappings ?? {},
      conditions: template.Conditions ?? {},
      assets: readAssets(join(dirname(templateFile), `${id}.assets.json`)),
    });
  }
  return { folder, stacks };
}

function readAssets(file: string): ReadonlyMap<string, string> {
  const assets = new Map<string, string>();
  for (const [hash, { source }] of Object.entries((readJson(file) as AssetManifest).files ?? {}))
    if (source?.path) assets.set(hash, resolve(dirname(file), source.path));
  return assets;
}
