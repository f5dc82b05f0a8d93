import { javaText, VelocityTemplate, type VelocityVersion } from './velocity';

const render = (
  template: string,
  context: Record<string, unknown> = {},
  version: VelocityVersion = '1.7',
): string => new VelocityTemplate(template, version).render(context);

test.each<[string, Record<string, unknown>, string]>([
  ['$a ${a}b $a.b $!nothing $nothing', { a: { b: 1 } }, '{b=1} {b=1}b 1  $nothing'],
  ['$a', { a: null }, '$a'],
  ['$!a', { a: null }, ''],
  ['#set($a = 1)#set($a = $a + 1)$a', {}, '2'],
  ['#if($a == "x")1#elseif($a == "y")2#{else}3#end', { a: 'y' }, '2'],
  [
    '#foreach($e in $l)$foreach.index:$e#if($foreach.hasNext),#end#end',
    { l: ['a', 'b'] },
    '0:a,1:b',
  ],
  ['#foreach($e in $l)#foreach($f in $e)$f#end;#end', { l: [[1, 2], [3]] }, '12;3;'],
  ['#foreach($e in $l)$e#end.', { l: [] }, '.'],
  ['#set($p = "$.events[$foreach.index].id")$p', { foreach: { index: 3 } }, '$.events[3].id'],
  ['## gone\n#* gone\n too *#left', {}, 'left'],
  [String.raw`$s.replaceAll("\\'", "'")`, { s: String.raw`it\'s` }, "it's"],
  [
    '$s.length() $s.contains("b") $s.substring(1, 2) $s.matches("a.c")',
    { s: 'abc' },
    '3 true b true',
  ],
  ['$m.containsKey("a") $m.containsKey("b") $m.get("a")', { m: { a: 1 } }, 'true false 1'],
])('%s', (template, context, text) => expect(render(template, context)).toBe(text));

describe('what is true', () => {
  const isTrue = (value: unknown, version: VelocityVersion): boolean =>
    render('#if($v)yes#end', { v: value }, version) === 'yes';

  test('an empty string and zero are, in 1.7', () => {
    expect(isTrue('', '1.7')).toBe(true);
    expect(isTrue(0, '1.7')).toBe(true);
  });
  test('they are not, in 2', () => {
    expect(isTrue('', '2')).toBe(false);
    expect(isTrue(0, '2')).toBe(false);
  });
  test('null and false never are', () => {
    for (const version of ['1.7', '2'] as const)
      for (const value of [null, undefined, false]) expect(isTrue(value, version)).toBe(false);
  });
});

test('setting to null keeps the old value in 1.7 and not in 2', () => {
  const template = '#set($a = "old")#set($a = $nothing)[$!a]';
  expect(render(template, {}, '1.7')).toBe('[old]');
  expect(render(template, {}, '2')).toBe('[]');
});

test('values are compared by their text where their types differ', () => {
  expect(render('#if($n == "1")yes#end', { n: 1 })).toBe('yes');
  expect(render('#if($n != "")yes#end', {})).toBe('yes');
});

test('data is never read as a template', () => {
  const hostile = '#set($x = 1) $input.body ${util} #if(true)';
  expect(render('[$v] #set($w = "$v")[$w]', { v: hostile })).toBe(`[${hostile}] [${hostile}]`);
});

test('what is no VTL is refused when the template is made', () =>
  expect(() => new VelocityTemplate('#if(')).toThrow());

test('an element prints as a Java map, which is why templates read it again as JSON', () =>
  expect(javaText({ a: 1, b: [true, { c: 'x' }] })).toBe('{a=1, b=[true, {c=x}]}'));
