import { dirname, join, resolve } from 'node:path';
import { DamagedFileError, readOwnFile } from '@sluice/local-state-files';

/** A resource of a synthesised template, whose intrinsic functions are not evaluated yet. */
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
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** For a nested stack, the stack that contains it, and its logical id there. */
  readonly parent?: { readonly name: string; readonly logicalId: string };
  /** Asset hash → folder or file on disk. */
  readonly assets: ReadonlyMap<string, string>;
}

/** A cloud assembly as `cdk synth` writes it: every stack with its template and its assets. */
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
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

interface AssetManifest {
  readonly files?: Readonly<Record<string, { readonly source?: { readonly path?: string } }>>;
}

/** Reads a JSON file of the assembly. @throws {@link DamagedFileError} */
const readJson = (file: string): unknown => {
  const remedy = `delete the folder ${dirname(file)}, and the next start makes it anew`;
  const value = readOwnFile(file, (text) => JSON.parse(text) as unknown, remedy);
  if (value === undefined) throw new DamagedFileError(file, 'it is missing', remedy);
  return value;
};

/** Reads a cloud assembly. @param folder such as `dist/cdk.out` */
export function readAssembly(folder: string): CloudAssembly {
  const manifest = readJson(join(folder, 'manifest.json')) as AssemblyManifest;
  const stacks: Stack[] = [];
  for (const [id, artifact] of Object.entries(manifest.artifacts ?? {})) {
    if (artifact.type !== 'aws:cloudformation:stack') continue;
    const templateFile = join(folder, artifact.properties?.templateFile ?? `${id}.template.json`);
    const name = artifact.properties?.stackName ?? id;
    const assets = readAssets(join(dirname(templateFile), `${id}.assets.json`));
    stacks.push(...readStacks({ name, templateFile, assets }));
  }
  return { folder, stacks };
}

/**
 * Reads a stack, followed by the stacks nested in it. The assembly holds the templates of nested stacks as assets of
 * the outermost one.
 */
function readStacks({
  name,
  templateFile,
  assets,
  parent,
}: Pick<Stack, 'name' | 'assets' | 'parent'> & {
  readonly templateFile: string;
}): readonly Stack[] {
  const template = readJson(templateFile) as Template;
  const resources = Object.entries(template.Resources ?? {}).map(
    ([logicalId, { Type, Properties = {} }]) =>
      [logicalId, { stackName: name, logicalId, type: Type, properties: Properties }] as const,
  );
  const parameters = Object.entries(template.Parameters ?? {}).map(
    ([parameter, { Type, Default }]) => [parameter, { type: Type, defaultValue: Default }] as const,
  );
  const stack: Stack = {
    name,
    resources: new Map(resources),
    parameters: new Map(parameters),
    mappings: template.Mappings ?? {},
    conditions: template.Conditions ?? {},
    outputs: Object.fromEntries(
      Object.entries(template.Outputs ?? {}).map(([output, { Value }]) => [output, Value]),
    ),
    assets,
    ...(parent && { parent }),
  };
  const nested = resources
    .filter(([, { type }]) => type === 'AWS::CloudFormation::Stack')
    .flatMap(([logicalId, { properties }]) =>
      readStacks({
        name: nestedStackName(name, logicalId),
        templateFile: templateAsset(assets, properties['TemplateURL'], `${name}/${logicalId}`),
        assets,
        parent: { name, logicalId },
      }),
    );
  return [stack, ...nested];
}

/** Returns the local name of a nested stack; CloudFormation would append characters of its own. */
export const nestedStackName = (parent: string, logicalId: string): string =>
  `${parent}-${logicalId}`;

/** Returns the asset of a nested stack's template, whose URL ends in the asset's hash. */
function templateAsset(assets: Stack['assets'], templateUrl: unknown, where: string): string {
  const [hash = ''] = /[0-9a-f]{64}(?=\.json)/.exec(JSON.stringify(templateUrl ?? '')) ?? [];
  const file = assets.get(hash);
  if (file === undefined) throw new Error(`${where}: no asset for its template "${hash}"`);
  return file;
}

function readAssets(file: string): ReadonlyMap<string, string> {
  const assets = new Map<string, string>();
  for (const [hash, { source }] of Object.entries((readJson(file) as AssetManifest).files ?? {}))
    if (source?.path) assets.set(hash, resolve(dirname(file), source.path));
  return assets;
}
