import { checkList, countByStatus } from '@sluice/checks';
import { XMLBuilder } from 'fast-xml-parser';
import type { CheckResult } from './check';

export interface Report {
  /** Name of the target that was verified. */
  readonly target: string;
  readonly startedAt: string;
  /** Mark of the run, which every row holds in `unmapped`. */
  readonly mark: string;
  readonly checks: readonly CheckResult[];
  /** Things that the run created and could not remove. */
  readonly left: readonly string[];
  readonly seconds: number;
}

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
}

export function summary({ checks, seconds }: Report): Summary {
  const { passed, failed, skipped } = countByStatus(checks);
  return { passed, failed, skipped, seconds };
}

/** Writes the checks for people: assumption, expected and observed behaviour. */
export const reportText = ({ checks }: Report): string =>
  checkList(checks, ({ assumption, expected, observed }) => ({ assumption, expected, observed }));

/** Writes JUnit's XML for CI systems, with a test case for each check. */
export function junitXml(report: Report): string {
  const { failed, skipped, seconds } = summary(report);
  // oxlint-disable-next-line typescript/no-deprecated -- its successor is a package that nothing else here needs
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    format: true,
    suppressEmptyNode: true,
  });
  const testcase = report.checks.map((check) => ({
    '@classname': `verify.${check.id.split('.')[0] ?? ''}`,
    '@name': `${check.id}: ${check.assumption}`,
    '@time': String(check.seconds),
    ...(check.status === 'failed' && {
      failure: {
        '@message': printable(check.observed),
        '#text': `expected: ${check.expected}\nobserved: ${printable(check.observed)}`,
      },
    }),
    ...(check.status === 'skipped' && { skipped: { '@message': printable(check.observed) } }),
    ...(check.status === 'passed' && { 'system-out': printable(check.observed) }),
  }));
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: {
      testsuite: {
        '@name': `verify ${report.target}`,
        '@tests': String(report.checks.length),
        '@failures': String(failed),
        '@errors': '0',
        '@skipped': String(skipped),
        '@time': String(seconds),
        '@timestamp': report.startedAt,
        testcase,
      },
    },
  });
}

/** Replaces control characters, most of which XML 1.0 can't express (section 2.2). */
const printable = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- these are what XML can't hold
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd');
