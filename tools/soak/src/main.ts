import { Command, InvalidArgumentError, Option } from 'commander';
import { runLookUpSoak } from './look-up-soak';
import { runSoak } from './soak';
import { reportText } from './soak-report';

const number =
  (min: number, isWhole: boolean) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < min)
      throw new InvalidArgumentError(`It is a number from ${min} on.`);
    if (isWhole && !Number.isInteger(value))
      throw new InvalidArgumentError('It is a whole number.');
    return value;
  };

// Node 20 is supported until the SDK drops it; the SDK's warning would only distract here.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const command = new Command('npm run soak --')
  .description(
    'Runs the local stack under injected faults and kills, and counts what became of each event. Exits 1 where one is lost or there twice.',
  )
  .option('--minutes <n>', 'how long events are sent and faults made', number(0.1, false), 10)
  .option('--kills <n>', "times that the stack's process is killed", number(0, true), 20)
  .addOption(
    new Option(
      '--lookups',
      'no faults and kills: looks up all the while, beside ingest, compaction and sealing',
    ).conflicts('kills'),
  )
  .option('--seed <n>', 'gives the same events, faults and moments', number(0, true), 1)
  .allowExcessArguments(false)
  .parse();
const { minutes, kills, seed, lookups } = command.opts<{
  readonly minutes: number;
  readonly kills: number;
  readonly seed: number;
  readonly lookups?: true;
}>();
const shared = { seconds: minutes * 60, seed, progress: (line: string) => console.error(line) };

if (lookups) {
  const report = await runLookUpSoak(shared);
  finish(report.problems, reportText(report, 'Every look-up gave every delivered event once.'));
} else {
  const report = await runSoak({ ...shared, kills });
  finish(report.problems, reportText(report));
}

function finish(problems: readonly string[], text: string): void {
  console.log(text);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
