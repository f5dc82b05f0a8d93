import type { CloudAssembly, Stack } from './assembly';
import { TemplateError, TemplateResolver } from './resolver';

const place = { region: 'eu-west-1', accountId: '111122223333' };

type Resources = Readonly<
  Record<string, { readonly type: string; readonly properties?: Record<string, unknown> }>
>;

const stack = (name: string, resources: Resources, more: Partial<Stack> = {}): Stack => ({
  name,
  resources: new Map(
    Object.entries(resources).map(([logicalId, { type, properties = {} }]) => [
      logicalId,
      { stackName: name, logicalId, type, properties },
    ]),
  ),
  parameters: new Map(),
  mappings: {},
  conditions: {},
  assets: new Map(),
  ...more,
});

const assembly = (...stacks: Stack[]): CloudAssembly => ({ folder: '', stacks });

/** Evaluates one value in a stack that has a stream, a bucket and a named function. */
const evaluate = (value: unknown, more: Partial<Stack> = {}): unknown => {
  const resources: Resources = {
    Stream1234ABCD: { type: 'AWS::Kinesis::Stream', properties: { Name: 'orders' } },
    LakeBucketDEADBEEF: { type: 'AWS::S3::Bucket' },
    Probe: { type: 'Test::Probe', properties: { value } },
  };
  const resolver = new TemplateResolver(assembly(stack('app', resources, more)), place);
  return resolver.resources('Test::Probe')[0]?.properties['value'];
};

describe('TemplateResolver', () => {
  test.each<[string, unknown, unknown]>([
    ['a name that is given', { Ref: 'Stream1234ABCD' }, 'orders'],
    ['a name made from the logical id', { Ref: 'LakeBucketDEADBEEF' }, 'app-lakebucket'],
    [
      'an ARN',
      { 'Fn::GetAtt': ['Stream1234ABCD', 'Arn'] },
      'arn:aws:kinesis:eu-west-1:111122223333:stream/orders',
    ],
    [
      'an ARN by dotted text',
      { 'Fn::GetAtt': 'LakeBucketDEADBEEF.Arn' },
      'arn:aws:s3:::app-lakebucket',
    ],
    [
      'pseudo parameters',
      {
        'Fn::Join': [
          '/',
          [{ Ref: 'AWS::Region' }, { Ref: 'AWS::AccountId' }, { Ref: 'AWS::Partition' }],
        ],
      },
      'eu-west-1/111122223333/aws',
    ],
    [
      'Sub with references, attributes and a literal',
      { 'Fn::Sub': '${Stream1234ABCD} ${LakeBucketDEADBEEF.Arn} ${AWS::Region} ${!kept}' },
      'orders arn:aws:s3:::app-lakebucket eu-west-1 ${kept}',
    ],
    [
      'Sub with variables',
      { 'Fn::Sub': ['${a}-${b}', { a: 1, b: { Ref: 'AWS::Region' } }] },
      '1-eu-west-1',
    ],
    ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    [
      'nested values',
      { deep: [{ Ref: 'AWS::Region' }, { plain: true }] },
      { deep: ['eu-west-1', { plain: true }] },
    ],
    ['no value', { a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] }, { b: [1] }],
    ['an object of one member that is no function', { Reference: 'x' }, { Reference: 'x' }],
  ])('evaluates %s', (_, value, expected) => {
    expect(evaluate(value)).toEqual(expected);
  });

  test('evaluates mappings and conditions', () => {
    expect(
      evaluate(
        { 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'x'] },
        { mappings: { M: { 'eu-west-1': { x: 7 } } } },
      ),
    ).toBe(7);
    const conditions = {
      IsHere: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] },
      IsNot: { 'Fn::Not': [{ Condition: 'IsHere' }] },
    };
    expect(evaluate({ 'Fn::If': ['IsHere', 'yes', 'no'] }, { conditions })).toBe('yes');
    expect(evaluate({ 'Fn::If': ['IsNot', 'yes', 'no'] }, { conditions })).toBe('no');
  });

  test('reads in one stack the SSM parameter that another one writes', () => {
    const writer = stack('lake', {
      Bucket: { type: 'AWS::S3::Bucket', properties: { BucketName: 'the-lake' } },
      Parameter: {
        type: 'AWS::SSM::Parameter',
        properties: { Name: '/sluice/bucket', Value: { Ref: 'Bucket' } },
      },
    });
    const reader = stack(
      'app',
      {
        Probe: {
          type: 'Test::Probe',
          properties: {
            byParameter: { Ref: 'BucketName' },
            dynamic: 'x-{{resolve:ssm:/sluice/bucket}}',
          },
        },
      },
      {
        parameters: new Map([
          [
            'BucketName',
            { type: 'AWS::SSM::Parameter::Value<String>', defaultValue: '/sluice/bucket' },
          ],
        ]),
      },
    );
    const resolver = new TemplateResolver(assembly(reader, writer), place);
    expect(resolver.resources('Test::Probe')[0]?.properties).toEqual({
      byParameter: 'the-lake',
      dynamic: 'x-the-lake',
    });
  });

  test.each([
    [{ Ref: 'Nothing' }, /app: nothing is called Nothing/],
    [{ 'Fn::GetAtt': ['Nothing', 'Arn'] }, /no resource Nothing/],
    [{ 'Fn::Cidr': [] }, /Fn::Cidr is not known/],
    ['{{resolve:ssm:/absent}}', /\/absent, which no stack writes/],
  ])('refuses %j', (value, message) => {
    expect(() => evaluate(value)).toThrow(TemplateError);
    expect(() => evaluate(value)).toThrow(message);
  });

  test('finds the folder of a function among the assets', () => {
    const withCode = stack(
      'app',
      { Function: { type: 'AWS::Lambda::Function', properties: { Code: { S3Key: 'abc.zip' } } } },
      { assets: new Map([['abc', '/assets/abc']]) },
    );
    const resolver = new TemplateResolver(assembly(withCode), place);
    const [resource] = resolver.resources('AWS::Lambda::Function');
    expect(resource && resolver.codeFolder(resource)).toBe('/assets/abc');
  });
});
