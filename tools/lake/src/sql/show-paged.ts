import { spawnSync } from 'node:child_process';

export interface PagedOptions {
  readonly input: NodeJS.ReadableStream & { setRawMode?(mode: boolean): unknown };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly rows?: number };
  /** Command line that reads the text on its standard input, such as `less -FRX`; empty for none. */
  readonly pager: string;
}

const ignore = (): void => undefined;

/** Writes a text to the terminal; through the pager if there is one and the text has more lines than the terminal. */
export function showPaged(text: string, { input, output, pager }: PagedOptions): void {
  const isLong = output.isTTY === true && text.split('\n').length > (output.rows ?? Infinity);
  if (!isLong || pager === '' || !runPager(text, input, pager)) output.write(text);
}

/** Shows a text in a pager. @returns false where there is no such command */
function runPager(text: string, input: PagedOptions['input'], pager: string): boolean {
  const [command = '', ...args] = pager.split(/\s+/).filter(Boolean);
  // Ctrl-C in the pager reaches this process too.
  process.on('SIGINT', ignore);
  input.setRawMode?.(false);
  try {
    const { error } = spawnSync(command, args, {
      input: text,
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    return error === undefined || (error as NodeJS.ErrnoException).code === 'EPIPE';
  } finally {
    input.setRawMode?.(true);
    process.off('SIGINT', ignore);
  }
}
