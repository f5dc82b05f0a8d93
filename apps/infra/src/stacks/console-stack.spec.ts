import { contentSecurityPolicy } from '@sluice/console/security-headers';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { sluiceApp } from '../sluice-app';
import { deployment, synthesised } from '../testing/synthesised';

const resources = (template: Template, type: string) =>
  Object.values(template.findResources(type)) as unknown as readonly {
    readonly Properties: Readonly<Record<string, unknown>>;
  }[];

interface Method {
  readonly security: readonly object[];
  readonly 'x-amazon-apigateway-integration': {
    readonly type: string;
    readonly uri: unknown;
    readonly requestParameters: Readonly<Record<string, string>>;
  };
}

const pathsOf = (template: Template) => {
  const [api] = resources(template, 'AWS::ApiGateway::RestApi');
  const { paths } = api!.Properties['Body'] as {
    readonly paths: Readonly<Record<string, { readonly 'x-amazon-apigateway-any-method': Method }>>;
  };
  return Object.entries(paths).map(([path, methods]) => ({
    path,
    method: methods['x-amazon-apigateway-any-method'],
  }));
};

const dev = synthesised({ only: 'console' }).template('Console');

it('passes requests on to the four APIs for those who signed in, with a key that stands in no template', () => {
  const paths = pathsOf(dev);
  expect(paths.map(({ path }) => path)).toEqual([
    '/api/lookup/{proxy+}',
    '/api/analytics/{proxy+}',
    '/api/operations/{proxy+}',
    '/api/ingest/{proxy+}',
  ]);
  for (const { method } of paths) {
    expect(method.security).toEqual([{ consoleUser: [] }]);
    expect(method['x-amazon-apigateway-integration']).toMatchObject({
      type: 'http_proxy',
      requestParameters: {
        'integration.request.header.x-api-key': 'stageVariables.apiKey',
        'integration.request.path.proxy': 'method.request.path.proxy',
      },
    });
  }
  const [key] = resources(dev, 'AWS::ApiGateway::ApiKey');
  const [stage] = resources(dev, 'AWS::ApiGateway::Stage');
  const { apiKey } = stage!.Properties['Variables'] as { readonly apiKey: unknown };
  expect(key!.Properties['Value']).toEqual(apiKey);
  expect(JSON.stringify(apiKey)).toContain('{{resolve:secretsmanager:');
  // The key opens each API by its usage plan, which is also what throttles it.
  dev.resourceCountIs('AWS::ApiGateway::UsagePlanKey', 4);
});

it('passes the bytes of compressed answers on as they are', () => {
  const [api] = resources(dev, 'AWS::ApiGateway::RestApi');
  expect(api!.Properties['Body']).toMatchObject({
    'x-amazon-apigateway-binary-media-types': ['*/*'],
  });
});

it('is told where the APIs are by the stacks that make them', () => {
  const published = (
    [
      ['lookup-api', 'LookupApi'],
      ['analytics', 'Analytics'],
      ['operations', 'Operations'],
      ['ingest-gateway', 'IngestGateway'],
    ] as const
  ).flatMap(([only, id]) =>
    resources(synthesised({ only }).template(id), 'AWS::SSM::Parameter').map(
      ({ Properties }) => Properties['Name'],
    ),
  );
  const asked = Object.values(dev.toJSON()['Parameters'] as Record<string, { Default?: unknown }>)
    .map(({ Default }) => String(Default))
    .filter((name) => name.startsWith('/sluice/'));
  expect(asked).toHaveLength(8);
  expect(published).toEqual(expect.arrayContaining(asked));
});

it('does not offer events to an API that takes signed requests alone', () => {
  const { access } = { access: { onlyFromVpcEndpoints: [], firewall: false } };
  const template = synthesised({
    only: 'console',
    settings: { access: { ...access, ingestAuth: 'iam' } },
  }).template('Console');
  expect(pathsOf(template).map(({ path }) => path)).not.toContain('/api/ingest/{proxy+}');
});

it('is left out where the APIs can be reached from inside VPCs alone', () => {
  const settings = {
    access: {
      onlyFromVpcEndpoints: ['vpce-0123456789abcdef0'],
      firewall: false,
      ingestAuth: 'api-key',
    },
  } as const;
  expect(
    sluiceApp(deployment({ settings })).node.children.map(({ node }) => node.id),
  ).not.toContain('Console');
  expect(() => synthesised({ only: 'console', settings })).toThrow(/onlyFromVpcEndpoints/);
});

it('keeps the page in a bucket that the distribution alone reads', () => {
  dev.hasResourceProperties('AWS::S3::Bucket', {
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  });
  dev.hasResourceProperties('AWS::CloudFront::OriginAccessControl', {
    OriginAccessControlConfig: Match.objectLike({ SigningBehavior: 'always' }),
  });
  const [distribution] = resources(dev, 'AWS::CloudFront::Distribution');
  const { DefaultCacheBehavior, CacheBehaviors } = distribution!.Properties[
    'DistributionConfig'
  ] as {
    readonly DefaultCacheBehavior: { readonly ViewerProtocolPolicy: string };
    readonly CacheBehaviors: readonly {
      readonly PathPattern: string;
      readonly ViewerProtocolPolicy: string;
    }[];
  };
  expect(DefaultCacheBehavior.ViewerProtocolPolicy).toBe('redirect-to-https');
  expect(CacheBehaviors).toMatchObject([
    { PathPattern: '/api/*', ViewerProtocolPolicy: 'https-only' },
  ]);
});

it('answers with the headers of the laptop, and lets the page call the sign-in beside its own origin', () => {
  const [policy] = resources(dev, 'AWS::CloudFront::ResponseHeadersPolicy');
  const { SecurityHeadersConfig, CustomHeadersConfig } = policy!.Properties[
    'ResponseHeadersPolicyConfig'
  ] as {
    readonly SecurityHeadersConfig: {
      readonly ContentSecurityPolicy: { readonly ContentSecurityPolicy: unknown };
      readonly FrameOptions: { readonly FrameOption: string };
    };
    readonly CustomHeadersConfig: {
      readonly Items: readonly { readonly Header: string; readonly Value: string }[];
    };
  };
  const text = JSON.stringify(SecurityHeadersConfig.ContentSecurityPolicy);
  const [beforeSignIn] = contentSecurityPolicy(['https://']).split('https://');
  expect(text).toContain(beforeSignIn);
  expect(text).toContain('.amazoncognito.com');
  expect(text).not.toContain('unsafe-inline');
  expect(SecurityHeadersConfig.FrameOptions.FrameOption).toBe('DENY');
  expect(CustomHeadersConfig.Items.map(({ Header }) => Header)).toEqual([
    'cross-origin-opener-policy',
    'cross-origin-resource-policy',
    'permissions-policy',
  ]);
});

it('signs in people whose account an administrator made, by a code with PKCE and no secret', () => {
  dev.hasResourceProperties('AWS::Cognito::UserPool', {
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
  });
  dev.hasResourceProperties('AWS::Cognito::UserPoolClient', {
    AllowedOAuthFlows: ['code'],
    AllowedOAuthScopes: ['openid'],
    GenerateSecret: false,
    PreventUserExistenceErrors: 'ENABLED',
  });
});

it('says that the page has to be built first', () => {
  expect(() => synthesised({ only: 'console', bundlesFolder: '/nowhere' })).toThrow(
    'dist/apps/console/index.html is missing: run "npx nx build console"',
  );
});
