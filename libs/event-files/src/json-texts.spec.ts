import fc from 'fast-check';
import { eventTexts, JsonTextSplitter, splitJsonTexts } from './json-texts';

const inChunks = (
  text: string,
  cuts: readonly number[],
  elementsOf: 'stream' | 'array',
): string[] => {
  const texts: string[] = [];
  const splitter = new JsonTextSplitter((one) => texts.push(one), { elementsOf });
  const at = [
    0,
    ...[...cuts].map((cut) => cut % (text.length + 1)).sort((a, b) => a - b),
    text.length,
  ];
  for (let index = 1; index < at.length; index++)
    splitter.write(text.slice(at[index - 1], at[index]));
  expect(splitter.end()).toBe(true);
  return texts;
};

const space = fc.constantFrom('', ' ', '\n', ' \r\n\t');
const container = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()));

describe('JsonTextSplitter', () => {
  test('finds every document of a stream, wherever the chunks end', () => {
    fc.assert(
      fc.property(fc.array(container), space, fc.array(fc.nat()), (values, between, cuts) => {
        const texts = values.map((value) => JSON.stringify(value));
        expect(inChunks(texts.join(between), cuts, 'stream')).toEqual(texts);
      }),
    );
  });

  test('finds every element of an array, scalars too', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), space, fc.array(fc.nat()), (values, around, cuts) => {
        const texts = values.map((value) => JSON.stringify(value));
        const text = `${around}[${around}${texts.join(`${around},${around}`)}${around}]${around}`;
        expect(inChunks(text, cuts, 'array')).toEqual(texts);
      }),
    );
  });

  test.each([
    ['{"a":1}{"a":2}', ['{"a":1}', '{"a":2}']],
    ['1 2\n"x""y"null', ['1', '2', '"x"', '"y"', 'null']],
    ['{"a":"}{"}\n{"b":"\\"}"}', ['{"a":"}{"}', '{"b":"\\"}"}']],
    ['', []],
    ['{"a":', ['{"a":']],
    ['nonsense {"a":1}', ['nonsense', '{"a":1}']],
  ])('%s', (text, texts) => expect(splitJsonTexts(text)).toEqual(texts));

  test('says that a text was cut off', () => {
    const splitter = new JsonTextSplitter(() => undefined, { elementsOf: 'array' });
    splitter.write('[{"a":1},{"b"');
    expect(splitter.end()).toBe(false);
  });
});

describe('the texts of a sample', () => {
  test('are lines, one text, or the elements of an array, digit for digit', () => {
    expect(eventTexts('{"a":1.10}\n\n{"a":2}\r\n')).toEqual(['{"a":1.10}', '{"a":2}']);
    expect(eventTexts('{\n "a": 1\n}\n')).toEqual(['{\n "a": 1\n}']);
    expect(eventTexts('[{"a":9007199254740993,"b":"],"},\n {"c":[1,{"d":"\\""}]}]')).toEqual([
      '{"a":9007199254740993,"b":"],"}',
      '{"c":[1,{"d":"\\""}]}',
    ]);
    expect(eventTexts('[]')).toEqual([]);
    expect(eventTexts(' ')).toEqual([]);
  });

  test('are none of an array that is not JSON', () => {
    expect(() => eventTexts('[1')).toThrow(SyntaxError);
    expect(() => eventTexts('[1 2]')).toThrow(SyntaxError);
  });
});
