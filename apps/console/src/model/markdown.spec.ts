import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readMarkdown, textOf, type Block, type Inline } from './markdown';

const text = (value: string): Inline => ({ kind: 'text', text: value });

test('headings, paragraphs, lists, tables and code are told apart', () => {
  const blocks = readMarkdown(
    [
      '# Look-ups are *slow*',
      '',
      '**Rings when** `a|b` is [late](other.md#at).',
      'On.',
      '1. One',
      '   ```',
      '   - code',
      '   ```',
      '2. Two',
      '',
      '| a | b |',
      '|---|---|',
      '| 1 | x \\| `y` |',
      '![a picture](images/x.png)',
    ].join('\n'),
  );
  expect(blocks).toEqual([
    { kind: 'heading', level: 1, id: 'look-ups-are-slow', parts: [text('Look-ups are *slow*')] },
    {
      kind: 'paragraph',
      parts: [
        { kind: 'bold', parts: [text('Rings when')] },
        text(' '),
        { kind: 'code', text: 'a|b' },
        text(' is '),
        { kind: 'link', to: 'other.md#at', parts: [text('late')] },
        text('. On.'),
      ],
    },
    {
      kind: 'list',
      isOrdered: true,
      items: [
        [
          { kind: 'paragraph', parts: [text('One')] },
          { kind: 'code', text: '- code' },
        ],
        [{ kind: 'paragraph', parts: [text('Two')] }],
      ],
    },
    {
      kind: 'table',
      head: [[text('a')], [text('b')]],
      rows: [[[text('1')], [text('x | '), { kind: 'code', text: 'y' }]]],
    },
  ]);
});

const docs = join(__dirname, '..', '..', '..', '..', 'docs');
const guides = [
  join(docs, 'privacy.md'),
  ...readdirSync(join(docs, 'runbooks')).map((name) => join(docs, 'runbooks', name)),
];

/** Returns the texts of blocks, but for code. */
const textsOf = (block: Block): readonly string[] => {
  switch (block.kind) {
    case 'code':
      return [];
    case 'list':
      return block.items.flatMap((blocks) => blocks.flatMap(textsOf));
    case 'table':
      return [block.head, ...block.rows].flatMap((row) => row.map(plainOf));
    default:
      return [plainOf(block.parts)];
  }
};
const plainOf = (parts: readonly Inline[]): string =>
  textOf(parts.filter(({ kind }) => kind !== 'code'));

test.each(guides.map((file) => relative(docs, file)))('of %s no mark is left over', (file) => {
  const blocks = readMarkdown(readFileSync(join(docs, file), 'utf8'));
  expect(blocks[0]).toMatchObject({ kind: 'heading', level: 1 });
  const left = blocks.flatMap(textsOf).filter((one) => /\*\*|`|\]\(|^#|^\||^- |^\d+\. /.test(one));
  expect(left).toEqual([]);
});
