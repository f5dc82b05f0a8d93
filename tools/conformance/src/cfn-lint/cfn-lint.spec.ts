import { differencesOf } from './cfn-lint';

const ended = { code: 2, stderr: 'a traceback' };

test('each finding is a difference, with its template, its place and its rule', () => {
  const found = [
    {
      Filename: '/x/dev/A.nested.template.json',
      Message: 'null is not of type string',
      Rule: { Id: 'E3012' },
      Location: { Path: ['Resources', 'T', 0] },
    },
  ];
  expect(differencesOf(JSON.stringify(found), ended)).toEqual([
    {
      tried: 'A.nested.template.json /Resources/T/0',
      ours: 'as synthesised',
      theirs: 'E3012 null is not of type string',
    },
  ]);
  expect(differencesOf('[]', ended)).toEqual([]);
});

test('a program that breaks off has found nothing', () => {
  expect(() => differencesOf('', ended)).toThrow('a traceback');
});
