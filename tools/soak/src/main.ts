import { Command, InvalidArgumentError, Option } from 'commander';
import { runErasureSoak } from './erasure-soak';
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
  .addOption(
    new Option(
      '--erasures <n>',
      'erases so many people, one after another, beside ingest, compaction and look-ups, with kills; then looks for what is left of them',
    )
      .argParser(number(1, true))
      .conflicts(['lookups', 'minutes']),
  )
  .option(
    '--rows <n>',
    'with --erasures: rows of the day that is there at first',
    number(100, true),
    400_000,
  )
  .option('--seed <n>', 'gives the same events, faults and moments', number(0, true), 1)
  .allowExcessArguments(false)
  .parse();
const { minutes, kills, seed, lookups, erasures, rows } = command.opts<{
  readonly minutes: number;
  readonly kills: number;
  readonly seed: number;
  readonly lookups?: true;
  readonly erasures?: number;
  readonly rows: number;
}>();
const progress = (line: string) => console.error(line);
const shared = { seconds: minutes * 60, seed, progress };

if (erasures !== undefined) {
  const report = await runErasureSoak({ rows, erasures, kills, seed, progress });
  finish(
    report.problems,
    reportText(
      report,
      'No byte is left of those who were erased, and every other row is as it was.',
    ),
  );
} else if (lookups) {
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
