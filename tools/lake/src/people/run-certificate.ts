import { readHashKeys, secretNames } from '@sluice/privacy';
import { wrapText } from '@sluice/terminal';
import {
  readCommandLine,
  runCommand,
  UsageError,
  type Terminal,
} from '@sluice/terminal/command-line';
import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import type { Certificate, CertificateSignature } from '@sluice/privacy/erasures';
import { addLakeOptions, lakeErrors, namedLake, type LakeOptions } from '../lake-options';
import { secretsOf } from './people-keys';

/** Options of the command line. */
interface CertificateCommand extends LakeOptions {
  readonly file: string;
  readonly stage: string;
}

const parse = (terminal: Terminal): CertificateCommand => {
  const command = addLakeOptions(
    new Command('npm run lake -- certificate')
      .description(
        'Checks whether the lake signed the certificate of an erasure. It needs permission to read the secret of the ledger.',
      )
      .argument('<file>', 'the answer of GET /v1/erasures/{id}'),
  )
    .option('--stage <name>', 'stage whose secret to use', terminal.env['SLUICE_STAGE'] ?? 'dev')
    .addHelpText(
      'after',
      `
Examples:
  npm run lake -- certificate certificate.json
  npm run lake -- certificate certificate.json --bucket my-lake --stage prod`,
    );
  return readCommandLine(command, terminal, () => ({
    ...command.opts<Omit<CertificateCommand, 'file'>>(),
    file: command.args[0] ?? '',
  }));
};

/** Checks the certificate in the file that the command line names. @returns the exit code, 1 where it was changed */
export const runCertificate = (terminal: Terminal): Promise<number> =>
  runCommand(terminal, lakeErrors, async () => {
    const { file, stage, ...lake } = parse(terminal);
    const { certificate, signature } = erasureIn(file);
    const readSecret = secretsOf(namedLake(lake, terminal.env));
    const keys = readHashKeys(await readSecret(secretNames(stage).ledger));
    const { isSignedCertificate } = await import('@sluice/privacy/erasures');
    const isSigned = isSignedCertificate(keys, certificate, signature);
    terminal.stdout.write(
      `${wrapText(`The certificate of the erasure ${certificate.erasure} ${isSigned ? 'is what was signed' : 'is not what was signed: it was changed, or another lake signed it'}.`)}\n`,
    );
    return isSigned ? 0 : 1;
  });

/** Reads an erasure that is done. @throws UsageError where the file has none */
function erasureIn(file: string): {
  readonly certificate: Certificate;
  readonly signature: CertificateSignature;
} {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file} can't be read: ${(error as Error).message}`);
  }
  const { certificate, signature } = (value ?? {}) as {
    readonly certificate?: Certificate;
    readonly signature?: Partial<CertificateSignature>;
  };
  if (typeof certificate?.erasure === 'string' && typeof signature?.value === 'string')
    return { certificate, signature: signature as CertificateSignature };
  throw new UsageError(
    `${file} has no certificate: it is there once the erasure's "state" is "done"`,
  );
}
