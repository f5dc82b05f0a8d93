import { readCommandLine } from '@sluice/terminal/command-line';
import { Command } from 'commander';
import { apiKeyOption, stageApi, urlOption, type StageApi } from './stage-api';

function read(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const written: string[] = [];
  const sink = { write: (text: string) => written.push(text) };
  const terminal = { args, env, stdout: sink, stderr: sink };
  const command = new Command('any').addOption(urlOption('API')).addOption(apiKeyOption());
  const api = (): StageApi => stageApi(command, command.opts(), terminal);
  try {
    return readCommandLine(command, terminal, api);
  } catch {
    return written.join('').trim();
  }
}

const url = 'https://a.example/prod';

test.each([
  [[], {}, { url: undefined, apiKey: undefined }],
  [[], { SLUICE_API_KEY: 'k' }, { url: undefined, apiKey: undefined }],
  [['--url', `${url}/`, '--api-key', 'k'], {}, { url, apiKey: 'k' }],
  [['--url', url], { SLUICE_API_KEY: 'k' }, { url, apiKey: 'k' }],
  [['--url', url, '--api-key', 'k'], { SLUICE_API_KEY: 'other' }, { url, apiKey: 'k' }],
])('%j with %j names %j', (args, env, api) => {
  expect(read(args, env)).toEqual(api);
});

test.each([
  [['--url', url], 'error: --url needs --api-key, or SLUICE_API_KEY'],
  [['--api-key', 'k'], 'error: --api-key is for --url; the local stack has its own key'],
  [['--url', 'a.example', '--api-key', 'k'], 'error: --url a.example is not a URL'],
])('%j is refused: %s', (args, sentence) => {
  expect(read(args)).toBe(sentence);
});
