import { Aws, CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ConsoleApi } from '../constructs/console-api';
import { ConsolePage } from '../constructs/console-page';
import { ConsoleSignIn } from '../constructs/console-sign-in';
import type { Deployment } from '../deployment';
import type { ApiName } from '../names';
import { SluiceStack } from './sluice-stack';

/** Address of CloudWatch in AWS's own console, before the `#`. */
const cloudWatch = `https://${Aws.REGION}.console.aws.amazon.com/cloudwatch/home?region=${Aws.REGION}`;

/** The console: its page behind a distribution, the accounts of its users, and the path from there to the APIs. */
export class ConsoleStack extends SluiceStack {
  constructor(scope: Construct, deployment: Deployment) {
    super(scope, 'Console', 'console', 'the page that shows the lake', deployment);
    const names = consoleApis(deployment);
    const signIn = new ConsoleSignIn(this, 'SignIn', deployment);
    const { api } = new ConsoleApi(this, 'Api', {
      deployment,
      userPoolArn: signIn.pool.userPoolArn,
      apis: names.map((name) => ({
        name,
        id: this.read(this.parameters.apiId(name)),
        usagePlanId: this.read(this.parameters.usagePlanId(name)),
      })),
    });
    const page = new ConsolePage(this, 'Page', {
      deployment,
      api,
      signInOrigin: signIn.origin,
    });
    const client = signIn.client(page.url);
    page.publish({
      mode: 'cloud',
      apis: Object.fromEntries(names.map((name) => [name, `/api/${name}`])),
      cloudWatch: {
        alarms: `${cloudWatch}#alarmsV2:`,
        dashboard: `${cloudWatch}#dashboards/dashboard/sluice-${deployment.settings.stage}`,
      },
      signIn: { domain: signIn.origin, clientId: client.userPoolClientId },
    });
    new CfnOutput(this, 'Url', { value: page.url, description: 'The console' });
    new CfnOutput(this, 'UserPool', {
      value: signIn.pool.userPoolId,
      description: 'Where an administrator makes the accounts of those who may open the console',
    });
  }
}

/**
 * Returns the APIs that the console can reach. An API that requires signed requests is left out, because passed-on
 * requests are unsigned.
 */
const consoleApis = ({ settings }: Deployment): readonly ApiName[] => [
  'lookup',
  'analytics',
  'operations',
  ...(settings.access.ingestAuth === 'api-key' ? (['ingest'] as const) : []),
];
