import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHashKeys } from '@sluice/privacy';
import { signCertificate, type Certificate } from '@sluice/privacy/erasures';
import { runCertificate } from './run-certificate';

const secret = JSON.stringify({ current: '1', '1': 'l'.repeat(40) });
const certificate: Certificate = {
  ...{ erasure: 'e1', requestedAtMs: 1, tables: ['order'], suppress: false, passes: [] },
  streamsForgetAtMs: 2,
};
const signature = signCertificate(readHashKeys(secret), certificate);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-certificate-'));
  writeFileSync(
    join(folder, 'secrets.json'),
    JSON.stringify({ 'sluice/dev/privacy/ledger': secret }),
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

async function checked(content: string): Promise<{ code: number; output: string }> {
  const file = join(folder, 'certificate.json');
  writeFileSync(file, content);
  let output = '';
  const sink = { write: (text: string) => (output += text) };
  const code = await runCertificate({
    ...{ args: [file, '--data-dir', folder], env: {}, stdout: sink, stderr: sink },
  });
  return { code, output };
}

test.each([
  ['as it was signed', JSON.stringify({ certificate, signature }), 0, /is what was signed/],
  [
    'that was changed',
    JSON.stringify({ certificate: { ...certificate, suppress: true }, signature }),
    1,
    /is not what was signed/,
  ],
  ['of an erasure that runs', JSON.stringify({ state: 'running' }), 1, /has no certificate/],
  ['that is no JSON', '{', 1, /can't be read/],
])('of a certificate %s that is said', async (_, content, code, says) => {
  const answer = await checked(content);
  expect(answer).toEqual({ code, output: expect.stringMatching(says) as unknown });
});
