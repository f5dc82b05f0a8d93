import type { CheckResult } from '@sluice/checks';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account, StackState } from '../account/account';
import type { PreflightCheck } from '../checks/preflight-check';
import { preflight } from '../preflight';
import type { Report } from '../report';
import { fakeAccount, type FakeAccount } from './fake-account';

export type Result = CheckResult<PreflightCheck>;

/** The assembly that the tests check: that of the stage dev, which has to be synthesised. */
export const assembly = join(workspaceRoot(), 'dist', 'cdk.out', 'dev');

/** Returns the ids of the assembly's stacks, by their templates; those of nested stacks are left out. */
export const stackIds = (): readonly string[] =>
  readdirSync(assembly).flatMap((file) => /^(\w+)\.template\.json$/.exec(file)?.[1] ?? []);

export interface PreflightUnderTest {
  /** Folder for files of the tests, deleted after them. */
  readonly folder: string;
  readonly run: (
    account: Account,
    ...args: readonly string[]
  ) => Promise<{
    readonly code: number;
    readonly results: readonly Result[];
    readonly text: string;
  }>;
  /** Copies the assembly with a text replaced in a template. @returns the folder of the copy */
  readonly edited: (from: string, to: string, stack?: string) => string;
}

/** Returns functions that run the preflight checks. Call it at the top of a test file. */
export function preflightUnderTest(): PreflightUnderTest {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-preflight-spec-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    async run(account, ...args) {
      let text = '';
      const file = join(folder, 'report.json');
      const code = await preflight(
        {
          args: ['--assembly', assembly, '--json-file', file, ...args],
          stdout: { write: (written) => (text += written) },
          stderr: { write: () => true },
        },
        () => account,
      );
      const { checks: results } = JSON.parse(readFileSync(file, 'utf8')) as Report;
      return { code, results, text };
    },
    edited(from, to, stack = 'LakeMaintenance') {
      const copy = mkdtempSync(join(folder, 'edited-'));
      cpSync(assembly, copy, { recursive: true });
      const file = join(copy, `${stack}.template.json`);
      const text = readFileSync(file, 'utf8');
      expect(text).toContain(from);
      writeFileSync(file, text.replaceAll(from, to));
      return copy;
    },
  };
}

/** Returns the results that failed, or came with advice. */
export const notPassed = (results: readonly Result[]): readonly Result[] =>
  results.filter(({ status }) => status === 'failed' || status === 'advice');

/** Returns an error as the SDK throws it. */
export const error = (name: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { name, ...more });
export const rejecting = (fault: Error) => () => Promise.reject(fault);
/** Returns an account in which the stack of the lake is in a state. */
export const lakeIn = (state: Partial<StackState>): FakeAccount =>
  fakeAccount(
    {},
    { 'sluice-dev-lake': { status: '', reason: undefined, isProtected: false, ...state } },
  );
/** Returns an account in which the stack of the look-up API has a status. */
export const appIn = (status: string, isProtected = false): FakeAccount =>
  fakeAccount({}, { 'sluice-dev-lookup-api': { status, reason: 'Because', isProtected } });
/** Returns answers about the role with which API Gateway logs, and about the REST APIs of an account. */
export const logsRole = (logsRoleArn: string, apis: readonly string[]): Partial<Account> => ({
  apiGateway: () => Promise.resolve({ logsRoleArn, requestsPerSecond: 10_000, burst: 5_000 }),
  restApis: () => Promise.resolve(apis),
});
