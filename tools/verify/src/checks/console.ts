import { NotApplicable, Unexpected } from '@sluice/checks';
import { contentSecurityPolicy, securityHeaders } from '@sluice/console/security-headers';
import type { Check } from '../check';
import { expectRefusal, jsonOf, said, type Answer, type VerifyRun } from '../verify-run';

/** The members of `config.json`, which the page reads before anything else. */
interface PageConfig {
  readonly apis: Readonly<Record<string, string>>;
  readonly signIn?: { readonly domain: string };
}

export const consoleChecks: readonly Check[] = [
  {
    id: 'console.page',
    assumption:
      'The console arrives with the headers that keep other code out of it, and holds no API key.',
    expected: 'each file of the page with its policy, and a key in none',
    run: async (run) => {
      const page = await get(run, '/');
      const files = [...page.text.matchAll(/(?:src|href)="([\w.-]+)"/g)].map(
        ([, file = '']) => file,
      );
      if (!files.some((file) => file.endsWith('.js')))
        throw new Unexpected(`a page without a program: ${said(page)}`);
      const config = await configOf(run);
      const policy = contentSecurityPolicy(config.signIn ? [config.signIn.domain] : []);
      const answers = [{ file: 'the page', answer: page }];
      for (const file of [...files, 'config.json'])
        answers.push({ file, answer: await get(run, `/${file}`) });
      const wanted = { ...securityHeaders, 'content-security-policy': policy };
      for (const { file, answer } of answers) {
        for (const [header, value] of Object.entries(wanted))
          if (answer.headers.get(header) !== value)
            throw new Unexpected(
              `${file}: ${header} is ${answer.headers.get(header) ?? 'missing'}, not ${value}`,
            );
        if (apiKeys(run).some((key) => answer.text.includes(key)))
          throw new Unexpected(`${file} holds an API key`);
      }
      return `${answers.length} files, each with its policy`;
    },
  },
  {
    id: 'console.token',
    assumption: 'A key alone opens no API through the console: whoever asks has to sign in.',
    expected: '401 with a message from each API, without a token and with a wrong one',
    run: async (run) => {
      const { apis } = await configOf(run);
      const paths = Object.values(apis);
      if (paths.length === 0) throw new Unexpected('config.json names no API');
      let observed = '';
      for (const path of paths)
        for (const headers of [{}, { authorization: 'Bearer wrong' }])
          observed = expectRefusal(
            await run.request(access(run), 'GET', `${path}/v1/events`, { headers }),
            401,
          );
      return `${paths.length} APIs: ${observed}`;
    },
  },
];

/** Returns the console as an API. @throws NotApplicable where the target has none */
function access({ target }: VerifyRun) {
  if (target.consoleUrl === undefined)
    throw new NotApplicable('the target has no console: it is not built, or not deployed');
  // The key is right, so that a refusal is for want of a token alone.
  return { url: target.consoleUrl, apiKey: target.lookup.apiKey };
}

async function get(run: VerifyRun, path: string): Promise<Answer> {
  const answer = await run.request(access(run), 'GET', path);
  if (answer.status !== 200) throw new Unexpected(`${path}: ${said(answer)}`);
  return answer;
}

const configOf = async (run: VerifyRun): Promise<PageConfig> =>
  jsonOf(await get(run, '/config.json'), 200) as unknown as PageConfig;

const apiKeys = ({ target: { ingest, lookup, analytics, operations } }: VerifyRun) => [
  ...new Set([ingest, lookup, analytics, operations].map(({ apiKey }) => apiKey)),
];
