import * as crypto from 'node:crypto';
import type { TemplateResolver } from '@sluice/local-cloudformation';
import {
  permissionCheck,
  signatureV4,
  type PermissionCheck,
  type PolicyStatement,
  type RolePolicies,
  type SigningCredentials,
} from '@sluice/local-http';

/** The roles of the templates: their credentials and permissions. */
export interface Roles {
  readonly policies: RolePolicies;
  readonly permits: PermissionCheck;
  /** Returns the credentials with which a role signs its requests. */
  readonly credentialsOf: (roleArn: string) => SigningCredentials;
  /** Returns the reason why a role may not start a function or a state machine; undefined where it may. */
  readonly startRefusal: (roleArn: string, targetArn: string) => string | undefined;
}

/** Reads the roles of the templates, and the policies that the templates attach to them. */
export function readRoles(resolver: TemplateResolver, credentials: SigningCredentials): Roles {
  const policies = rolePolicies(resolver);
  const permits = permissionCheck(policies);
  const { credentialsOf } = signatureV4(crypto, credentials);
  return {
    policies,
    permits,
    credentialsOf: (roleArn) => credentialsOf(roleName(roleArn)),
    startRefusal: (roleArn, targetArn) => {
      const action = targetArn.includes(':stateMachine:')
        ? 'states:StartExecution'
        : 'lambda:InvokeFunction';
      return permits(roleName(roleArn), action, targetArn);
    },
  };
}

/** Returns the name in a role's ARN, without its path. */
const roleName = (roleArn: string): string => roleArn.slice(roleArn.lastIndexOf('/') + 1);

interface Policy {
  readonly PolicyDocument: { readonly Statement: PolicyStatement | readonly PolicyStatement[] };
}

/** Returns the statements of all policies that the templates attach to roles. */
function rolePolicies(resolver: TemplateResolver): RolePolicies {
  const policies: Record<string, PolicyStatement[]> = {};
  const attach = (role: string, policy: Policy): void => {
    (policies[role] ??= []).push(...[policy.PolicyDocument.Statement].flat());
  };
  for (const role of resolver.resources('AWS::IAM::Role'))
    for (const policy of (role.properties['Policies'] ?? []) as readonly Policy[])
      attach(role.ref, policy);
  for (const type of ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'])
    for (const policy of resolver.resources(type))
      for (const role of (policy.properties['Roles'] ?? []) as readonly string[])
        attach(role, policy.properties as unknown as Policy);
  return policies;
}
