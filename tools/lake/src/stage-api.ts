import type { Terminal } from '@sluice/terminal/command-line';
import { Option, type Command } from 'commander';

/** An API of a deployed stage, as a command line names it; both are undefined for the local stack. */
export interface StageApi {
  /** Base URL, without a trailing slash. */
  readonly url: string | undefined;
  readonly apiKey: string | undefined;
}

/** Returns the option that names an API of a deployed stage. @param api such as `ingest API` */
export const urlOption = (api: string): Option =>
  new Option('--url <url>', `${api} of a deployed stage; its key is --api-key`);

/** Returns the option that goes with {@link urlOption}. */
export const apiKeyOption = (): Option =>
  new Option('--api-key <key>', 'else SLUICE_API_KEY, which no list of processes shows');

/** Reads both options. Ends the command where one does not go with the other. */
export function stageApi(
  command: Command,
  { url, apiKey }: { readonly url?: string | undefined; readonly apiKey?: string | undefined },
  { env }: Pick<Terminal, 'env'>,
): StageApi {
  if (url === undefined) {
    if (apiKey !== undefined)
      command.error('error: --api-key goes with --url; the local stack has its own');
    return { url, apiKey };
  }
  if (!URL.canParse(url)) command.error(`error: --url ${url} is no URL`);
  const key = apiKey ?? env['SLUICE_API_KEY'];
  if (key === undefined) command.error('error: --url needs --api-key, or SLUICE_API_KEY');
  return { url: url.replace(/\/+$/, ''), apiKey: key };
}
