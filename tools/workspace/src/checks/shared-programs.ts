import { join } from 'node:path';
import ts from 'typescript';

/** A project's own files, in a program with all that they import. */
export interface ProjectProgram {
  readonly program: ts.Program;
  readonly ownFiles: readonly string[];
  /** Faults of the tsconfig itself. */
  readonly configErrors: readonly ts.Diagnostic[];
}

/**
 * Makes programs, one a project as its tsconfig says, that share each file's parsed and bound form: the libraries'
 * declarations are most of the files, and reading them is most of the time. Types are still each program's own, so a
 * project sees no ambient declaration of another.
 *
 * @returns a function from a project's root, relative to the workspace's, to its program; it reads a file once, and
 *   notices no later change
 */
export function sharedPrograms(workspaceRoot: string): (projectRoot: string) => ProjectProgram {
  const parsedFiles = new Map<string, ts.SourceFile | undefined>();
  const resolutions = new Map<string, ts.ModuleResolutionCache>();

  const hostOf = (options: ts.CompilerOptions): ts.CompilerHost => {
    // With each node's parent: typescript-eslint walks up.
    const host = ts.createCompilerHost(options, true);
    const parse = host.getSourceFile.bind(host);
    host.getSourceFile = (path, parseOptions, ...rest) => {
      const key = `${path} ${JSON.stringify(parseOptions)}`;
      if (!parsedFiles.has(key)) parsedFiles.set(key, parse(path, parseOptions, ...rest));
      return parsedFiles.get(key);
    };
    const key = JSON.stringify({ ...options, configFilePath: '' });
    const resolution =
      resolutions.get(key) ??
      ts.createModuleResolutionCache(workspaceRoot, (name) => name, options);
    resolutions.set(key, resolution);
    host.getModuleResolutionCache = () => resolution;
    return host;
  };

  return (projectRoot) => {
    const path = join(workspaceRoot, projectRoot, 'tsconfig.json');
    const configErrors: ts.Diagnostic[] = [];
    const config = ts.getParsedCommandLineOfConfigFile(path, undefined, {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (diagnostic) => configErrors.push(diagnostic),
    });
    const { options = {}, fileNames = [], errors = [] } = config ?? {};
    return {
      program: ts.createProgram({ rootNames: fileNames, options, host: hostOf(options) }),
      ownFiles: fileNames,
      configErrors: [...configErrors, ...errors],
    };
  };
}
