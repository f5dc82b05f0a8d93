/** A statement of a policy, with its references resolved. */
export interface PolicyStatement {
  readonly Effect: string;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: object;
}

/** Statements of the policies of roles, by the role's name. */
export type RolePolicies = Readonly<Record<string, readonly PolicyStatement[]>>;

/**
 * Returns the reason why a role may not do something; undefined where it may.
 *
 * @param resource ARN; undefined where the request does not show it, and any resource will do
 */
export type PermissionCheck = (
  role: string,
  action: string,
  resource?: string,
) => string | undefined;

/**
 * Returns a function that decides by the policies of roles: what no statement allows is refused, and so is what a
 * statement denies. Conditions are not evaluated: they count as met in statements that allow, and as not met in
 * statements that deny. Source: IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements: Resource".
 *
 * The function refers to nothing outside itself, so that its source text can run in a thread that starts from text.
 */
export function permissionCheck(policies: RolePolicies): PermissionCheck {
  interface Rule {
    readonly isDenial: boolean;
    readonly ofAction: (action: string) => boolean;
    readonly ofResource: (resource: string) => boolean;
  }
  /** Returns a test for texts that one of the patterns covers: `*` is any text, `?` any one character. */
  const covering = (
    patterns: string | readonly string[] | undefined,
    others: string | readonly string[] | undefined,
    flags: string,
  ): ((text: string) => boolean) => {
    const sources = [patterns ?? others ?? []].flat().map((pattern) =>
      pattern
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '[^]*')
        .replaceAll('?', '[^]'),
    );
    const expression = new RegExp(`^(?:${sources.join('|')})$`, flags);
    return (text) => expression.test(text) === (patterns !== undefined);
  };
  const rulesByRole = new Map<string, readonly Rule[]>();
  const rulesOf = (role: string): readonly Rule[] => {
    let rules = rulesByRole.get(role);
    if (!rules) {
      const statements = Object.hasOwn(policies, role) ? (policies[role] ?? []) : [];
      rules = statements
        .filter(({ Effect, Condition }) => Effect === 'Allow' || Condition === undefined)
        .map(({ Effect, Action, NotAction, Resource, NotResource }) => ({
          isDenial: Effect === 'Deny',
          // Names of actions are the same in upper and lower case.
          ofAction: covering(Action, NotAction, 'i'),
          ofResource: covering(Resource, NotResource, ''),
        }));
      rulesByRole.set(role, rules);
    }
    return rules;
  };
  return (role, action, resource) => {
    const rules = rulesOf(role).filter(
      (rule) =>
        rule.ofAction(action) &&
        (resource === undefined ? !rule.isDenial : rule.ofResource(resource)),
    );
    if (rules.length > 0 && !rules.some(({ isDenial }) => isDenial)) return undefined;
    const what = `${role} is not authorized to perform: ${action}${resource === undefined ? '' : ` on resource: ${resource}`}`;
    return rules.length > 0
      ? `${what} with an explicit deny in an identity-based policy`
      : `${what} because no identity-based policy allows the ${action} action`;
  };
}
