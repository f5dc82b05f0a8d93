// Runs before and after `cdk deploy`: node tools/workspace/src/load-typescript.cjs <this> before|after <assembly>
import { cloudFormationStacks } from './cloud-formation-stacks';
import { protectNothingNew, protectWhatIsComplete } from './stack-protection';

const steps = { before: protectNothingNew, after: protectWhatIsComplete } as const;

async function main([step, assembly]: readonly string[]): Promise<void> {
  if ((step !== 'before' && step !== 'after') || assembly === undefined)
    throw new Error('usage: before|after <folder of a cloud assembly>');
  await steps[step]({
    assembly,
    stacks: await cloudFormationStacks(),
    say: (line) => process.stdout.write(`${line}\n`),
  });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The protection of the lake's stack could not be looked after: ${reason}\n`);
  process.exitCode = 1;
});
