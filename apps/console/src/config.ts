/** Where the page runs, as `config.json` beside it says. */
export interface Config {
  readonly mode: 'laptop' | 'cloud';
  /** Paths of the APIs, of this origin. One that takes signed requests alone is absent. */
  readonly apis: Readonly<Partial<Record<ApiName, string>>>;
  /** What a laptop has beside the APIs. */
  readonly live?: string;
  readonly sql?: string;
  readonly eventTypes?: string;
  /** How people sign in, in the cloud. */
  readonly signIn?: SignIn;
}

export interface SignIn {
  /** Such as `https://sluice-dev.auth.eu-west-1.amazoncognito.com`. */
  readonly domain: string;
  readonly clientId: string;
}

export type ApiName = 'ingest' | 'lookup' | 'analytics' | 'operations';

export async function readConfig(): Promise<Config> {
  const answer = await fetch('config.json', { cache: 'no-store' });
  if (!answer.ok) throw new Error(`config.json answers ${answer.status}`);
  return (await answer.json()) as Config;
}
