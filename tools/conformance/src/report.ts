import type { Engine, EngineReport } from './engine';

/** Returns the reasons why the command fails, each as a text for a person. */
export function faultsOf(report: EngineReport): readonly string[] {
  if (report.status === 'skipped') return [];
  return [
    ...report.differences.map(
      ({ tried, ours, theirs }) =>
        `${tried}\n  ours:   ${ours.slice(0, 300)}\n  theirs: ${theirs.slice(0, 300)}`,
    ),
    ...report.known
      .filter(({ times }) => times === 0)
      .map(({ name }) => `${report.title}: the known difference "${name}" is one no longer`),
  ];
}

/** Engines that the command does not run, each with what came of running it by hand. */
const triedByHand: readonly string[] = [
  'Trino 476 on Java 25 (2026-11-28): trino-server-core and the plugin trino-iceberg of Maven Central read the tables of a running local stack through its REST catalog, with the settings of the guide. Of three types 1,000, 500 and 200 rows, each value that of `npm run sql`; `count(*)` of a day read no data file; the SQL of a `_latest` view gave its 890 rows, and the casts of joins made times of three digits of those of six.',
];

/** What no engine was asked for yet, each with how far an attempt got. */
const notTried: readonly string[] = [
  'LocalStack (2026-11-27): localstack-core 2026.3.0 installs from PyPI without Docker; no template was deployed to it. moto serves the checks of preflight, and its CloudFormation what the guide to emulators says.',
  'Step Functions (2026-11-28): moto 5.2.1 takes the definition of a join by its own parser of Amazon States Language and starts a run, which the first expression ends: it has no JSONata.',
];

/**
 * Writes the page of the reports.
 *
 * @param earlier the existing page, whose sections are kept for engines that did not run
 */
export const documentOf = (
  reports: readonly EngineReport[],
  engines: readonly Pick<Engine, 'name' | 'title'>[],
  earlier: string,
): string => `# On engines that others wrote

Written by \`npx nx run conformance:run -- --write\`. An engine that a machine lacks is skipped there with the reason; users of Sluice need none of them.
${engines.map(({ name, title }) => sectionOf(name, title, reports, earlier)).join('')}
## Tried by hand

${triedByHand.map((line) => `- ${line}`).join('\n')}

## Not tried

${notTried.map((line) => `- ${line}`).join('\n')}
`;

function sectionOf(
  name: string,
  title: string,
  reports: readonly EngineReport[],
  earlier: string,
): string {
  const report = reports.find((one) => one.name === name);
  const before = earlierSection(earlier, title);
  if (report?.status === 'ran') return ranSection(report);
  if (before !== undefined) return before;
  return report ? `\n## ${title}\n\nSkipped on ${report.date}: ${report.reason}\n` : '';
}

function earlierSection(page: string, title: string): string | undefined {
  const start = page.indexOf(`\n## ${title}\n`);
  if (start === -1) return undefined;
  const end = page.indexOf('\n## ', start + 1);
  return page.slice(start, end === -1 ? undefined : end);
}

const maxShown = 20;

const cell = (text: string): string =>
  text.slice(0, 120).replaceAll('|', '\\|').replaceAll('`', "'").replaceAll('\n', ' ');

function ranSection(report: EngineReport & { readonly status: 'ran' }): string {
  const { title, compares, versions, notes, known, differences, tried, date } = report;
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const lines = [
    ...notes,
    ...known.map(({ name, reason, times }) => `Known difference, ${name} (${times}): ${reason}`),
  ];
  const rows = differences
    .slice(0, maxShown)
    .map((one) => `| ${cell(one.tried)} | \`${cell(one.ours)}\` | \`${cell(one.theirs)}\` |`);
  const table =
    rows.length === 0
      ? ''
      : `\n| tried | ours | theirs |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
  return `
## ${title}

${compares}

${date}, with ${named.join(', ')}. ${tried} tried; ${differences.length} differ beyond what is listed.

${lines.map((line) => `- ${line}`).join('\n')}
${table}`;
}
