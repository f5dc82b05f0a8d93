import { localAccount, TemplateResolver } from '@sluice/local-cloudformation';
import { readRoles } from './roles';

const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
const bucket = 'arn:aws:s3:::lake';

const rolesOf = (resources: Readonly<Record<string, object>>) => {
  const assembly = {
    stacks: [
      {
        name: 'sluice-dev-app',
        resources: new Map(
          Object.entries(resources).map(([logicalId, resource]) => [
            logicalId,
            { ...resource, logicalId, stackName: 'sluice-dev-app' },
          ]),
        ),
      },
    ],
  };
  return readRoles(new TemplateResolver(assembly as never, localAccount), credentials);
};

const allow = (Action: string, Resource: unknown) => ({
  PolicyDocument: { Statement: [{ Effect: 'Allow', Action, Resource }] },
});
const role = (name: string, ...Policies: readonly object[]) => ({
  type: 'AWS::IAM::Role',
  properties: { RoleName: name, Policies },
});
const join = {
  type: 'AWS::StepFunctions::StateMachine',
  properties: { StateMachineName: 'join' },
};

describe('the roles of templates', () => {
  test('may do what their own policies and those attached to them allow', () => {
    const { permits, startRefusal } = rolesOf({
      Reader: role('reader', allow('s3:Get*', `${bucket}/*`)),
      Join: join,
      Attached: {
        type: 'AWS::IAM::Policy',
        properties: {
          ...allow('states:StartExecution', { 'Fn::GetAtt': ['Join', 'Arn'] }),
          Roles: [{ Ref: 'Reader' }],
        },
      },
    });
    expect(permits('reader', 's3:GetObject', `${bucket}/a`)).toBeUndefined();
    expect(permits('reader', 's3:PutObject', `${bucket}/a`)).toMatch(/not authorized/);
    const arn = 'arn:aws:states:us-east-1:000000000000:stateMachine:';
    const start = (name: string) =>
      startRefusal('arn:aws:iam::000000000000:role/reader', `${arn}${name}`);
    expect(start('join')).toBeUndefined();
    expect(start('other')).toMatch(/^reader is not authorized to perform: states:StartExecution/);
  });

  test('sign with credentials of their own', () => {
    const { credentialsOf } = rolesOf({});
    const one = credentialsOf('arn:aws:iam::000000000000:role/one');
    expect(one).not.toEqual(credentialsOf('arn:aws:iam::000000000000:role/two'));
    expect(one.secretAccessKey).not.toBe(credentials.secretAccessKey);
  });
});
