/** The page's surroundings, read from `config.json` beside it. */
export interface Config {
  readonly mode: 'laptop' | 'cloud';
  /** Paths of the APIs on this origin. An API that only accepts signed requests is missing. */
  readonly apis: Readonly<Partial<Record<ApiName, string>>>;
  /** Paths that only a laptop has, in addition to the APIs. */
  readonly live?: string;
  readonly sql?: string;
  readonly eventTypes?: string;
  readonly traces?: string;
  /** Addresses of the stage's alarms and of its dashboard in CloudWatch, in the cloud. */
  readonly cloudWatch?: { readonly alarms: string; readonly dashboard: string };
  /** Sign-in, in the cloud. */
  readonly signIn?: SignIn;
}

export interface SignIn {
  /** Address of the sign-in pages, such as `https://sluice-dev.auth.eu-west-1.amazoncognito.com`. */
  readonly domain: string;
  readonly clientId: string;
}

export type ApiName = 'ingest' | 'lookup' | 'analytics' | 'operations';

export async function readConfig(): Promise<Config> {
  const answer = await fetch('config.json', { cache: 'no-store' });
  if (!answer.ok) throw new Error(`config.json answers ${answer.status}`);
  return (await answer.json()) as Config;
}
