import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { EngineMissing, type Difference, type Engine } from '../engine';
import { pythonEnvironment } from '../python-environment';
import { runProgram } from '../run-program';
import { stageNames, synthesiseStage } from '../synthesise-stage';

const version = '1.58.0';

/** The part of a line of cfn-lint's JSON that is read. */
interface Match {
  readonly Filename: string;
  readonly Message: string;
  readonly Rule: { readonly Id: string };
  readonly Location: { readonly Path?: readonly (string | number)[] | null };
}

export const cfnLint: Engine = {
  name: 'cfn-lint',
  title: 'cfn-lint',
  compares:
    'Every template of every stage, the nested ones too, with CloudFormation’s resource schemas, by the settings in `.cfnlintrc.yaml`.',
  run: async (context) => {
    const bin = await pythonEnvironment(context, [`cfn-lint==${version}`]);
    const templates: string[] = [];
    for (const stage of stageNames) {
      const assembly = join(context.scratch, stage);
      await synthesiseStage(stage, { root: context.root, assembly });
      templates.push(
        ...readdirSync(assembly)
          .filter((file) => file.endsWith('.template.json'))
          .map((file) => join(assembly, file)),
      );
    }
    context.progress(`linting ${templates.length} templates …`);
    const { code, stdout, stderr } = await runProgram(
      join(bin, 'cfn-lint'),
      ['--format', 'json', '--template', ...templates],
      { cwd: context.root, timeoutMs: 600_000 },
    );
    const nested = templates.filter((file) => file.endsWith('.nested.template.json')).length;
    return {
      versions: { 'cfn-lint': version },
      tried: templates.length,
      differences: differencesOf(stdout, { code, stderr }),
      known: [],
      notes: [
        `${templates.length} templates of ${stageNames.join(', ')}, ${nested} of them nested.`,
      ],
    };
  },
};

/**
 * Reads the findings of cfn-lint.
 *
 * @throws {@link EngineMissing} where its output is incomplete
 */
export function differencesOf(
  stdout: string,
  { code, stderr }: { readonly code: number | null; readonly stderr: string },
): readonly Difference[] {
  let matches: readonly Match[];
  try {
    matches = JSON.parse(stdout) as readonly Match[];
  } catch {
    throw new EngineMissing(`cfn-lint ended with ${code ?? 'a time-out'}: ${stderr.slice(-300)}`);
  }
  return matches.map(({ Filename, Message, Rule, Location }) => ({
    tried: `${basename(Filename)} /${(Location.Path ?? []).join('/')}`,
    ours: 'as synthesised',
    theirs: `${Rule.Id} ${Message}`,
  }));
}
