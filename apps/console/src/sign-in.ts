// Obtains the credentials for the APIs: on a laptop the token in the printed address, in the cloud a token that
// Cognito issues after sign-in (RFC 6749, 4.1, with PKCE, RFC 7636). They are kept in this tab only.
import type { Config, SignIn } from './config';

const storedToken = 'sluice-token';
const storedAttempt = 'sluice-sign-in';

/** Returns the value of the header Authorization; undefined where nobody has signed in. */
export async function bearerToken(config: Config): Promise<string | undefined> {
  if (config.mode === 'laptop') {
    const found = /[#&]token=([\w-]+)/.exec(location.hash)?.[1];
    if (found !== undefined) {
      // Removes the token from the address bar and the history at once.
      history.replaceState(null, '', `${location.pathname}#/flow`);
      keep(storedToken, found);
    }
    return localStorage.getItem(storedToken) ?? undefined;
  }
  const { signIn } = config;
  if (!signIn) return undefined;
  const code = new URLSearchParams(location.search).get('code');
  if (code !== null) return finishSignIn(signIn, code);
  const kept = sessionStorage.getItem(storedToken);
  return kept !== null && !isOver(kept) ? kept : undefined;
}

function keep(name: string, value: string): void {
  localStorage.setItem(name, value);
}

/** Sends the browser to the sign-in page. */
export async function beginSignIn({ domain, clientId }: SignIn): Promise<void> {
  const verifier = randomText();
  const state = randomText();
  sessionStorage.setItem(storedAttempt, JSON.stringify({ verifier, state, hash: location.hash }));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri(),
    scope: 'openid',
    state,
    code_challenge: base64Url(new Uint8Array(digest)),
    code_challenge_method: 'S256',
  });
  location.assign(`${domain}/oauth2/authorize?${query.toString()}`);
}

async function finishSignIn(
  { domain, clientId }: SignIn,
  code: string,
): Promise<string | undefined> {
  const attempt = JSON.parse(sessionStorage.getItem(storedAttempt) ?? '{}') as {
    readonly verifier?: string;
    readonly state?: string;
    readonly hash?: string;
  };
  sessionStorage.removeItem(storedAttempt);
  const isOurs = attempt.state === new URLSearchParams(location.search).get('state');
  history.replaceState(null, '', `${location.pathname}${attempt.hash ?? ''}`);
  if (!isOurs || attempt.verifier === undefined) return undefined;
  const answer = await fetch(`${domain}/oauth2/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      code,
      redirect_uri: redirectUri(),
      code_verifier: attempt.verifier,
    }),
  });
  if (!answer.ok) return undefined;
  const { id_token: token } = (await answer.json()) as { readonly id_token?: string };
  if (token !== undefined) sessionStorage.setItem(storedToken, token);
  return token;
}

/** Forgets the stored tokens. */
export function signOut(): void {
  localStorage.removeItem(storedToken);
  sessionStorage.removeItem(storedToken);
}

const redirectUri = (): string => `${location.origin}${location.pathname}`;

const randomText = (): string => base64Url(crypto.getRandomValues(new Uint8Array(32)));

const base64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');

/** Decides whether a token has expired, or will within a minute (RFC 7519, 4.1.4). */
function isOver(token: string): boolean {
  try {
    const [, claims = ''] = token.split('.');
    const { exp } = JSON.parse(atob(claims.replace(/-/g, '+').replace(/_/g, '/'))) as {
      readonly exp?: number;
    };
    return exp === undefined || exp * 1_000 < Date.now() + 60_000;
  } catch {
    return true;
  }
}
