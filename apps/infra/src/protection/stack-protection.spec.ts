import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sluiceApp } from '../sluice-app';
import { deployment, type SynthesisOptions } from '../testing/synthesised';
import {
  protectNothingNew,
  protectWhatIsComplete,
  type StackPort,
  type StackState,
} from './stack-protection';

/** CloudFormation with one stack; it refuses to delete one that is protected. */
class OneStack implements StackPort {
  readonly set: boolean[] = [];
  constructor(public state: StackState | undefined) {}
  describe(stackName: string): Promise<StackState | undefined> {
    expect(stackName).toBe('sluice-dev-lake');
    return Promise.resolve(this.state);
  }
  protect(_stackName: string, isProtected: boolean): Promise<void> {
    this.set.push(isProtected);
    if (this.state) this.state = { ...this.state, isProtected };
    return Promise.resolve();
  }
}

const assemblyOf = (options: SynthesisOptions = { only: 'lake' }): string => {
  const outdir = mkdtempSync(join(tmpdir(), 'sluice-protection-'));
  sluiceApp(deployment(options), { outdir, ...(options.only && { only: options.only }) }).synth();
  return outdir;
};

const protectionIn = (assembly: string): unknown =>
  (
    JSON.parse(readFileSync(join(assembly, 'manifest.json'), 'utf8')) as {
      artifacts: Record<string, { properties: Record<string, unknown> }>;
    }
  ).artifacts['Lake']!.properties['terminationProtection'];

const say = (): void => undefined;

it.each([
  ['is not there', undefined, false, []],
  ['was rolled back', { status: 'ROLLBACK_COMPLETE', isProtected: false }, false, []],
  [
    'was rolled back and is protected',
    { status: 'ROLLBACK_COMPLETE', isProtected: true },
    false,
    [false],
  ],
  ['has only a change set', { status: 'REVIEW_IN_PROGRESS', isProtected: true }, false, [false]],
  ['is complete', { status: 'CREATE_COMPLETE', isProtected: true }, true, []],
  ['went back to what it was', { status: 'UPDATE_ROLLBACK_COMPLETE', isProtected: true }, true, []],
])('a lake that %s is deployed with protection: %s', async (_, state, expected, set) => {
  const assembly = assemblyOf();
  expect(protectionIn(assembly)).toBe(true);
  const stacks = new OneStack(state);
  await protectNothingNew({ assembly, stacks, say });
  expect(protectionIn(assembly)).toBe(expected);
  expect(stacks.set).toEqual(set);
});

it('a first deployment that fails can be repeated, and the first that succeeds is protected', async () => {
  const assembly = assemblyOf();
  const stacks = new OneStack(undefined);
  await protectNothingNew({ assembly, stacks, say });
  stacks.state = { status: 'ROLLBACK_COMPLETE', isProtected: protectionIn(assembly) === true };
  await protectWhatIsComplete({ assembly, stacks, say });
  expect(stacks.state.isProtected).toBe(false);

  await protectNothingNew({ assembly, stacks, say });
  stacks.state = { status: 'CREATE_COMPLETE', isProtected: protectionIn(assembly) === true };
  await protectWhatIsComplete({ assembly, stacks, say });
  expect(stacks.state.isProtected).toBe(true);

  await protectNothingNew({ assembly, stacks, say });
  expect(protectionIn(assembly)).toBe(true);
  await protectWhatIsComplete({ assembly, stacks, say });
  expect(stacks.set).toEqual([true]);
});

it('a lake whose data may go is asked nothing of and never protected', async () => {
  const assembly = assemblyOf({ destroyData: true });
  const stacks = new OneStack({ status: 'CREATE_COMPLETE', isProtected: true });
  await protectNothingNew({ assembly, stacks, say });
  await protectWhatIsComplete({ assembly, stacks, say });
  expect(protectionIn(assembly)).toBe(false);
  expect(stacks.set).toEqual([]);
});
