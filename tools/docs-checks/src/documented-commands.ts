// Runs the command blocks of the README and of the guides as if they were pasted, in their order, in a clone without
// anything built.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePorts } from '@sluice/local-stack/ports';
import { codeBlocks, type CodeBlock } from './code-blocks';
import { FreshClone, type Running } from './fresh-clone';

const workspace = join(__dirname, '../../..');

/** Requirements of a block that a test does not have. They are noted after the fence's language. */
export const needs = ['aws', 'moto', 'your-app'];

export const guides = readdirSync(join(workspace, 'docs/guides'))
  .filter((file) => file.endsWith('.md'))
  .map((file) => `docs/guides/${file}`);

export const blocksOf = (file: string): readonly CodeBlock[] =>
  codeBlocks(readFileSync(join(workspace, file), 'utf8'));

const isRun = ({ language, note }: CodeBlock): boolean => language === 'sh' && note === '';

/** Parts of lines that the test leaves out. */
const leftOut: readonly (readonly [RegExp, string])[] = [
  [
    /\bnpm ci && /g,
    'The gate begins with it, in a clone; here it would replace the packages of this workspace.',
  ],
  [/^npm (test|run check)\b.*$/gm, 'It would run this test.'],
  [/^npx nx deploy\b.*$/gm, 'It needs AWS.'],
  [/^npx nx test\b.*$/gm, 'The gate runs the tests of each project.'],
  [/^npm run (bench|soak)\b.*$/gm, 'It takes minutes.'],
];

const readyText = 'Sluice is ready';
const keepsRunning = /^npm start\b(?!.*--(once|help))/;

/** Gives a stack its own port, because another stack may use the default ones. */
const withPort = (line: string, port: number): string =>
  line.replace(/^npm start\b( --)?/, `npm start -- --port ${port}`);

/** Lines that run to their end, or one line that keeps running. */
type Step = { readonly lines: string; readonly line: number; readonly keepsRunning: boolean };

function steps({ text, line }: CodeBlock): readonly Step[] {
  const wanted = leftOut.reduce((rest, [pattern]) => rest.replace(pattern, ''), text);
  const found: Step[] = [];
  let lines: string[] = [];
  const end = (at: number): void => {
    if (lines.join('').trim() !== '')
      found.push({ lines: lines.join('\n'), line: line + at - lines.length, keepsRunning: false });
    lines = [];
  };
  for (const [index, each] of wanted.split('\n').entries())
    if (keepsRunning.test(each)) {
      end(index);
      found.push({ lines: each, line: line + index, keepsRunning: true });
    } else lines.push(each);
  end(wanted.split('\n').length);
  return found;
}

/**
 * Declares the tests of some documents. The first one runs with nothing built, later ones with what was built before,
 * like their reader.
 */
export function testCommands(files: readonly string[]): void {
  const nxFolder = mkdtempSync(join(tmpdir(), 'sluice-clones-nx-'));
  afterAll(() => rmSync(nxFolder, { recursive: true, force: true }));
  for (const file of files.filter((one) => blocksOf(one).some(isRun)))
    describe(file, () => testDocument(file, nxFolder));
}

function testDocument(file: string, nxFolder: string): void {
  let clone: FreshClone;
  let running: Running | undefined;

  beforeAll(() => {
    clone = new FreshClone(nxFolder);
  });
  afterAll(async () => {
    await running?.interrupt();
    clone.remove();
  });

  const blocks = blocksOf(file);

  test('each of its commands succeeds as pasted, and its snippets have all that they use', async () => {
    let hasSnippets = false;
    for (const block of blocks) {
      if (block.language === 'ts' && writeSnippet(clone.folder, block)) hasSnippets = true;
      if (!isRun(block)) continue;
      for (const step of steps(block)) {
        const place = `${file}:${step.line}`;
        if (step.keepsRunning) {
          const stopped = await running?.interrupt();
          if (stopped) expect([place, stopped.code]).toEqual([place, 0]);
          running = clone.start(withPort(step.lines, await freePorts()));
          await running.saying(readyText, 300_000);
        } else {
          const { code, output } = await clone.run(step.lines);
          if (code !== 0) throw new Error(`${place} ended with ${code}:\n${step.lines}\n${output}`);
        }
      }
    }
    if (hasSnippets) {
      const { code, output } = await clone.run('npx nx run event-types:typecheck');
      if (code !== 0) throw new Error(output);
    }
  });
}

/**
 * Writes a snippet whose first line names its file, `// libs/…/x.ts`. An existing file is never replaced.
 *
 * @returns whether it was written
 */
function writeSnippet(folder: string, { text }: CodeBlock): boolean {
  const [, path] = /^\/\/ (\S+\.ts)\n/.exec(text) ?? [];
  if (path === undefined) return false;
  const file = join(folder, path);
  if (existsSync(file)) return false;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return true;
}
