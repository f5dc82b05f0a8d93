import type { Terminal } from '@sluice/terminal/command-line';
import { Option, type Command } from 'commander';

/** API of a deployed stage, from the command line. Both members are undefined for the local stack. */
export interface StageApi {
  /** Base URL, without a trailing slash. */
  readonly url: string | undefined;
  readonly apiKey: string | undefined;
}

/** Returns the option that names an API of a deployed stage. @param api such as `ingest API` */
export const urlOption = (api: string): Option =>
  new Option('--url <url>', `${api} of a deployed stage; needs --api-key`);

/** Returns the option that goes with {@link urlOption}. */
export const apiKeyOption = (): Option =>
  new Option(
    '--api-key <key>',
    'API key; better set SLUICE_API_KEY, which process lists do not show',
  );

/** Reads both options. Ends the command where one is given without the other. */
export function stageApi(
  command: Command,
  { url, apiKey }: { readonly url?: string | undefined; readonly apiKey?: string | undefined },
  { env }: Pick<Terminal, 'env'>,
): StageApi {
  if (url === undefined) {
    if (apiKey !== undefined)
      command.error('error: --api-key is for --url; the local stack has its own key');
    return { url, apiKey };
  }
  if (!URL.canParse(url)) command.error(`error: --url ${url} is not a URL`);
  const key = apiKey ?? env['SLUICE_API_KEY'];
  if (key === undefined) command.error('error: --url needs --api-key, or SLUICE_API_KEY');
  return { url: url.replace(/\/+$/, ''), apiKey: key };
}
