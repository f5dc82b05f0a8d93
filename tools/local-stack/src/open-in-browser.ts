import { spawn } from 'node:child_process';

/**
 * Opens an address in the system's browser. Does nothing where there is no browser, because the address is printed
 * too.
 */
export function openInBrowser(address: string, env: NodeJS.ProcessEnv = process.env): void {
  const [program = '', ...args] =
    process.platform === 'darwin'
      ? ['open', address]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', address]
        : ['xdg-open', address];
  const opened = spawn(program, args, { stdio: 'ignore', detached: true, env });
  opened.once('error', () => undefined);
  opened.unref();
}
