import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

export interface ServiceRoleProps {
  /** Who takes it on: `states` for `states.amazonaws.com`. */
  readonly service: string;
  readonly description: string;
}

/** A role that an AWS service takes on, for this account alone. */
export class ServiceRole extends Role {
  constructor(scope: Construct, id: string, { service, description }: ServiceRoleProps) {
    super(scope, id, {
      assumedBy: new ServicePrincipal(`${service}.amazonaws.com`, {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      description,
    });
  }

  allow(actions: readonly string[], resources: readonly string[]): void {
    this.addToPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
}
