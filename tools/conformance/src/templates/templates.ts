import {
  MappingTemplate,
  MappingTemplateError,
  type VelocityVersion,
} from '@sluice/local-api-gateway';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EngineMissing, type Difference, type Engine, type EngineContext } from '../engine';
import { install, runProgram } from '../run-program';
import {
  compareRenderings,
  knownDifferences,
  meaning,
  type KnownDifference,
  type Rendered,
} from './known-differences';
import { synthesisedCases } from './synthesised-templates';
import { requestId, templateCases, type TemplateCase } from './template-cases';

const versions = {
  'json-path': '2.9.0',
  'jackson-databind': '2.17.2',
  'commons-lang': '2.6',
} as const;
const velocities: Readonly<
  Record<VelocityVersion, { readonly artifact: string; readonly version: string }>
> = {
  '1.7': { artifact: 'velocity', version: '1.7' },
  '2': { artifact: 'velocity-engine-core', version: '2.4.1' },
};
/** JSON libraries behind JsonPath. AWS does not say which one it uses. */
const providers = ['jackson', 'json-smart'] as const;

/** Options of a Java that ends after some seconds: its second compiler and its collector of many threads would take a third of them. */
const shortLived = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

export const templates: Engine = {
  name: 'templates',
  title: 'Apache Velocity with Jayway JsonPath',
  compares:
    'Every request and response template over hostile bodies, and each one that `infra` synthesises, with what the local gateway renders, byte by byte.',
  run: async (context) => {
    const java = await runProgram('java', ['-version']);
    const cases = [...templateCases(), ...(await synthesisedCases(context))];
    const met = new Map<KnownDifference, number>(knownDifferences.map((known) => [known, 0]));
    const differences: Difference[] = [];
    const notes = [
      '`$input`, `$util` and `$context` are written by us on both sides, after the mapping template reference of API Gateway; the template language and the paths are the engines’ own.',
    ];
    for (const version of ['1.7', '2'] as const) {
      const jars = await fetchJars(version, context);
      context.progress(`rendering with Velocity ${velocities[version].version} …`);
      const rendered = await renderAll(jars, cases, context);
      for (const [turn, provider] of providers.entries()) {
        const theirs = rendered.slice(turn * cases.length, (turn + 1) * cases.length);
        let sameBytes = 0;
        cases.forEach((one, index) => {
          const ours = renderOurs(one, version);
          const their = theirs[index] ?? { error: 'no answer' };
          const verdict = compareRenderings(one, ours, their);
          if (verdict === 'same bytes') sameBytes++;
          else if (verdict === 'differs')
            differences.push({
              tried: `Velocity ${version}, ${provider}: ${one.tried}`,
              ours: shown(ours),
              theirs: shown(their),
            });
          else met.set(verdict, (met.get(verdict) ?? 0) + 1);
        });
        notes.push(
          `Velocity ${velocities[version].version} with JsonPath by ${provider}: ${cases.length} renderings, ${sameBytes} of them the same bytes.`,
        );
      }
    }
    return {
      versions: {
        velocity: velocities['1.7'].version,
        'velocity-engine-core': velocities['2'].version,
        ...versions,
        java: /version "([^"]+)"/.exec(java.stderr)?.[1] ?? 'unknown',
      },
      tried: cases.length * 4,
      differences,
      known: [...met].map(([{ name, reason }, times]) => ({ name, reason, times })),
      notes,
    };
  },
};

async function fetchJars(
  version: VelocityVersion,
  { folder, progress }: EngineContext,
): Promise<string> {
  const { artifact, version: exact } = velocities[version];
  const lib = join(folder, `${artifact}-${exact}`);
  if (existsSync(join(lib, 'done'))) return lib;
  progress(`fetching ${artifact} ${exact} with Maven …`);
  mkdirSync(lib, { recursive: true });
  const dependency = (group: string, name: string, wanted: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${wanted}</version></dependency>`;
  writeFileSync(
    join(lib, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>sluice</groupId><artifactId>conformance</artifactId><version>1</version><dependencies>
${dependency('org.apache.velocity', artifact, exact)}
${dependency('commons-lang', 'commons-lang', versions['commons-lang'])}
${dependency('com.jayway.jsonpath', 'json-path', versions['json-path'])}
${dependency('com.fasterxml.jackson.core', 'jackson-databind', versions['jackson-databind'])}
</dependencies></project>
`,
  );
  await install('mvn', ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=.'], {
    cwd: lib,
    env: { MAVEN_OPTS: shortLived.join(' ') },
  });
  writeFileSync(join(lib, 'done'), '');
  return lib;
}

/** Renders every case with the first library, then with the next. */
async function renderAll(
  jars: string,
  cases: readonly TemplateCase[],
  { root }: EngineContext,
): Promise<readonly Rendered[]> {
  const input = providers.flatMap((provider) =>
    cases.map(({ template, body, params, context: given = { requestId } }) =>
      JSON.stringify({ provider, template, body, params, context: given }),
    ),
  );
  const source = join(root, 'tools', 'conformance', 'java', 'RenderTemplates.java');
  const { code, stdout, stderr } = await runProgram(
    'java',
    [...shortLived, '-cp', `${jars}/*`, source],
    {
      input: `${input.join('\n')}\n`,
    },
  );
  if (code !== 0)
    throw new EngineMissing(`java ended with ${code ?? 'a time-out'}: ${stderr.slice(-300)}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Rendered);
}

function renderOurs(
  { template, body, params, context = { requestId } }: TemplateCase,
  version: VelocityVersion,
): Rendered {
  try {
    const { text, response } = new MappingTemplate(template, version).render({
      body,
      params: { path: params, querystring: {}, header: {} },
      context,
      stageVariables: {},
    });
    return {
      text,
      ...(response.status !== undefined && { status: String(response.status) }),
      headers: response.headers,
    };
  } catch (error) {
    if (error instanceof MappingTemplateError) return { error: error.message };
    throw error;
  }
}

const shown = ({ text, status, error }: Rendered): string =>
  error ?? `${status === undefined ? '' : `${status} `}${meaning(text)}`;
