import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import type { ShowReport } from './bench-command';
import { meetsTarget, reportText } from './bench-report';
import { backfillCommand, backfillOnceCommand } from './backfill/backfill';
import { compactionCommand, compactionOnceCommand } from './compaction/compaction';
import { inferCommand } from './infer/infer';
import { ingestCommand } from './ingest/ingest';
import { joinCommand } from './join/join';
import { lookupCommand, lookupContenderCommand } from './lookup/lookup-command';
import { publishingCommand } from './publishing/publishing';
import { putReferenceCommand, putReferenceOnceCommand } from './put-reference/put-reference';
import { transformCommand } from './transform/transform';

const program = new Command('bench')
  .description('Side-by-side benchmarks; exits 1 where a figure misses its target.')
  .option('--json <file>', 'also write the report to this file')
  .showHelpAfterError();

const show: ShowReport = (report) => {
  const { json } = program.opts<{ json?: string }>();
  if (json) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  console.log(reportText(report));
  if (!report.figures.every(meetsTarget)) process.exitCode = 1;
};

program.addCommand(backfillCommand(show));
program.addCommand(backfillOnceCommand(), { hidden: true });
program.addCommand(inferCommand(show));
program.addCommand(ingestCommand(show));
program.addCommand(transformCommand(show));
program.addCommand(compactionCommand(show));
program.addCommand(compactionOnceCommand(), { hidden: true });
program.addCommand(joinCommand(show));
program.addCommand(publishingCommand(show));
program.addCommand(putReferenceCommand(show));
program.addCommand(putReferenceOnceCommand(), { hidden: true });
program.addCommand(lookupCommand(show));
program.addCommand(lookupContenderCommand(), { hidden: true });
await program.parseAsync();
