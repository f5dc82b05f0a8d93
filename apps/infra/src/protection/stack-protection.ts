import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asksForProtection } from './protected-once-complete';

/** State of a stack in CloudFormation. */
export interface StackState {
  /** A status such as `CREATE_COMPLETE` (CloudFormation guide: "Understand CloudFormation stack statuses"). */
  readonly status: string;
  readonly isProtected: boolean;
}

/** The part of CloudFormation that protection needs. */
export interface StackPort {
  /** Returns the state of a stack; undefined where there is no stack of that name. */
  describe(stackName: string): Promise<StackState | undefined>;
  protect(stackName: string, isProtected: boolean): Promise<void>;
}

export interface ProtectionOptions {
  /** Folder of the cloud assembly. */
  readonly assembly: string;
  readonly stacks: StackPort;
  /** Called with each line of output for the user. */
  readonly say: (line: string) => void;
}

/** Statuses of a stack that has never been complete. CloudFormation only lets it be deleted. */
const neverComplete: ReadonlySet<string> = new Set([
  'CREATE_FAILED',
  'CREATE_IN_PROGRESS',
  'DELETE_COMPLETE',
  'REVIEW_IN_PROGRESS',
  'ROLLBACK_COMPLETE',
  'ROLLBACK_FAILED',
  'ROLLBACK_IN_PROGRESS',
]);

const hasBeenComplete = (state: StackState | undefined): boolean =>
  state !== undefined && !neverComplete.has(state.status);

/**
 * Prepares an assembly for a deployment, so that stacks are protected only once they have been complete. CDK sets the
 * protection before it creates anything; if a first deployment failed, it would leave a stack that can be neither
 * updated nor deleted, and the next deployment would be refused.
 *
 * Stacks that are to be protected later are marked in their templates' metadata.
 */
export async function protectNothingNew({
  assembly,
  stacks,
  say,
}: ProtectionOptions): Promise<void> {
  const manifest = readManifest(assembly);
  for (const { stackName, properties } of protectable(assembly, manifest)) {
    const state = await stacks.describe(stackName);
    properties.terminationProtection = hasBeenComplete(state);
    if (state?.isProtected && !hasBeenComplete(state)) {
      await stacks.protect(stackName, false);
      say(
        `${stackName} has never been complete (${state.status}): its protection is taken off, so that it can be made anew.`,
      );
    }
  }
  writeFileSync(join(assembly, 'manifest.json'), JSON.stringify(manifest, undefined, 1));
}

/** Protects the stacks of an assembly that are to be protected and are complete by now. */
export async function protectWhatIsComplete({
  assembly,
  stacks,
  say,
}: ProtectionOptions): Promise<void> {
  for (const { stackName } of protectable(assembly, readManifest(assembly))) {
    const state = await stacks.describe(stackName);
    if (!hasBeenComplete(state) || state?.isProtected) continue;
    await stacks.protect(stackName, true);
    say(`${stackName} is protected: CloudFormation refuses to delete it.`);
  }
}

interface StackProperties {
  readonly stackName?: string;
  readonly templateFile?: string;
  terminationProtection?: boolean;
}

interface Manifest {
  readonly artifacts?: Readonly<
    Record<string, { readonly type: string; readonly properties?: StackProperties }>
  >;
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

const readManifest = (assembly: string): Manifest =>
  readJson(join(assembly, 'manifest.json')) as Manifest;

const protectable = (
  assembly: string,
  { artifacts = {} }: Manifest,
): readonly { readonly stackName: string; readonly properties: StackProperties }[] =>
  Object.entries(artifacts).flatMap(([id, { type, properties }]) =>
    type === 'aws:cloudformation:stack' &&
    properties?.templateFile !== undefined &&
    asksForProtection(readJson(join(assembly, properties.templateFile)))
      ? [{ stackName: properties.stackName ?? id, properties }]
      : [],
  );
