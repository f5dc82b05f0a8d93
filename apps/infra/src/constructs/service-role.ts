import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { trustConditions, type TrustedService } from '../trust';

export interface ServiceRoleProps {
  /** The service that may assume the role: `states` for `states.amazonaws.com`. */
  readonly service: TrustedService;
  readonly description: string;
}

/** A role that an AWS service assumes, on behalf of this account only where the service says for whom it acts. */
export class ServiceRole extends Role {
  constructor(scope: Construct, id: string, { service, description }: ServiceRoleProps) {
    super(scope, id, {
      assumedBy: new ServicePrincipal(`${service}.amazonaws.com`, {
        conditions: trustConditions(service),
      }),
      description,
    });
  }

  allow(actions: readonly string[], resources: readonly string[]): void {
    this.addToPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
}
