import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccountRecovery,
  FeaturePlan,
  Mfa,
  OAuthScope,
  UserPool,
  UserPoolClient,
  UserPoolClientIdentityProvider,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment';
import { signInPrefix } from '../names';

/**
 * Accounts of the people who may open the console: a Cognito user pool in which only administrators create accounts.
 */
export class ConsoleSignIn extends Construct {
  readonly pool: UserPool;
  /** Origin of the sign-in pages, such as `https://sluice-dev-111122223333.auth.eu-west-1.amazoncognito.com`. */
  readonly origin: string;

  constructor(scope: Construct, id: string, { settings, destroyData }: Deployment) {
    super(scope, id);
    const { stage } = settings;
    this.pool = new UserPool(this, 'Users', {
      userPoolName: `sluice-${stage}-console`,
      featurePlan: FeaturePlan.ESSENTIALS,
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      removalPolicy: destroyData ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const domainPrefix = signInPrefix(stage, Aws.ACCOUNT_ID);
    this.pool.addDomain('Domain', { cognitoDomain: { domainPrefix } });
    this.origin = `https://${domainPrefix}.auth.${Stack.of(this).region}.amazoncognito.com`;
  }

  /**
   * Creates the client by which one page signs people in, using the authorisation code grant with PKCE, which
   * requires no secret in the page (RFC 7636).
   *
   * @param url to which people return, with its final slash
   */
  client(url: string): UserPoolClient {
    return this.pool.addClient('Client', {
      generateSecret: false,
      preventUserExistenceErrors: true,
      supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
      authFlows: {},
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID],
        callbackUrls: [url],
        logoutUrls: [url],
      },
      idTokenValidity: Duration.hours(1),
      accessTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.hours(12),
    });
  }
}
