import { join } from 'node:path';
import ts from 'typescript';

/** An `@example` of a doc comment. */
export interface Example {
  readonly file: string;
  /** Number of the line of its tag, from 1. */
  readonly line: number;
  readonly text: string;
}

/** Returns the examples in the doc comments of a source text. An example ends at the next tag, or with its comment. */
export function examplesOf(file: string, source: string): readonly Example[] {
  const found: { file: string; line: number; text: string }[] = [];
  let current: (typeof found)[number] | undefined;
  for (const [index, line] of source.split('\n').entries()) {
    const [, content] = /^\s*\* ?(.*)$/.exec(line) ?? [];
    if (content === undefined || content === '/' || content.startsWith('@')) current = undefined;
    if (content?.startsWith('@example')) {
      current = { file, line: index + 1, text: '' };
      found.push(current);
      current.text = content.slice('@example'.length).trimStart();
    } else if (current) current.text += `${content}\n`;
  }
  return found;
}

/**
 * Compiles examples as the modules of one program, which sees the sources of the workspace by their aliases.
 *
 * @param root of the workspace
 * @returns the compiler's errors, each with the place of its example
 */
export function exampleErrors(root: string, examples: readonly Example[]): readonly string[] {
  const options = compilerOptions(root);
  const modules = new Map(
    examples.map((example) => [
      join(root, `${example.file.replace(/\.ts$/, '')}.example-${example.line}.ts`),
      example,
    ]),
  );
  const host = ts.createCompilerHost(options);
  const cache = ts.createModuleResolutionCache(root, (path) => path, options);
  host.jsDocParsingMode = ts.JSDocParsingMode.ParseNone;
  // The declarations of AWS's clients are most of the work, so their values are of any type here.
  host.resolveModuleNameLiterals = (names, from) =>
    names.map(({ text }) =>
      text.startsWith('@aws-sdk/')
        ? { resolvedModule: undefined }
        : ts.resolveModuleName(text, from, options, host, cache),
    );
  host.fileExists = (path) => modules.has(path) || ts.sys.fileExists(path);
  host.readFile = (path) => {
    const example = modules.get(path);
    return example ? `${example.text}\nexport {};\n` : ts.sys.readFile(path);
  };
  const program = ts.createProgram([...modules.keys()], options, host);
  return [...modules].flatMap(([path, { file, line }]) => {
    const source = program.getSourceFile(path);
    return [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ].map(
      ({ messageText }) => `${file}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  });
}

/** Returns the workspace's own compiler options, by which an example may declare something without using it. */
function compilerOptions(root: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (path) =>
    ts.sys.readFile(path),
  ) as { readonly config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root);
  return { ...options, types: ['node'], noUnusedLocals: false };
}
