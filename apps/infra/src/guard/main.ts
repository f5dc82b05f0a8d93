// Guards the templates of cloud assemblies:
// node tools/workspace/src/load-typescript.cjs apps/infra/src/guard/main.ts [--json] <assembly>…
import { Command } from 'commander';
import { guardTemplates, rules } from './guard';
import { readTemplates } from './template';

const { args, json } = readCommandLine();
const findings = args.flatMap((assembly) =>
  guardTemplates(readTemplates(assembly)).map((finding) => ({ assembly, ...finding })),
);
const faults = findings.filter(({ explained }) => explained === undefined);
const explained = findings.length - faults.length;

if (json) process.stdout.write(`${JSON.stringify({ faults, explained })}\n`);
else {
  for (const { assembly, template, rule, at, says, source } of faults)
    process.stdout.write(`${assembly} ${template}\n  ${rule}: ${says}\n  at ${at}\n  ${source}\n`);
  process.stdout.write(
    `${rules.length} rules, ${faults.length} faults, ${explained} explained in apps/infra/src/guard/explained.ts\n`,
  );
}
if (faults.length > 0) process.exitCode = 1;

function readCommandLine(): { readonly args: readonly string[]; readonly json: boolean } {
  const command = new Command('guard')
    .description('Looks for what AWS refuses in the templates of cloud assemblies')
    .argument('<assembly...>', 'folders that `cdk synth` wrote')
    .option('--json', 'print the findings as JSON', false)
    .parse();
  return { args: command.args, json: command.opts<{ json: boolean }>().json };
}
