import { codeBlocks } from './code-blocks';

test('each block is read with its language, its note and its place', () => {
  const markdown = [
    '# Title',
    '```sh',
    'a',
    'b',
    '```',
    'text',
    '```sh aws',
    'c',
    '```',
    '```',
    'd',
    '```',
  ];
  expect(codeBlocks(markdown.join('\n'))).toEqual([
    { language: 'sh', note: '', line: 3, text: 'a\nb\n' },
    { language: 'sh', note: 'aws', line: 8, text: 'c\n' },
    { language: '', note: '', line: 11, text: 'd\n' },
  ]);
});
