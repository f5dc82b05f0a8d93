// Lints `import '<specifier>'` as if it stood in a file: [[file, specifier]] in, the messages of each out.
import { ESLint } from 'eslint';

const cases = JSON.parse(process.argv[2] ?? '[]');
const eslint = new ESLint({
  // The rule asks for no types; to load them would take most of a minute.
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
  ruleFilter: ({ ruleId }) => ruleId === '@nx/enforce-module-boundaries',
});
const messages = [];
for (const [filePath, specifier] of cases) {
  const [result] = await eslint.lintText(`import '${specifier}';\n`, { filePath });
  messages.push(result.messages.map(({ message }) => message.split('\n')[0]));
}
process.stdout.write(`\n${JSON.stringify(messages)}\n`);
