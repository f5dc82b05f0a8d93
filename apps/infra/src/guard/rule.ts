import type { GuardedTemplate } from './template';

/** A finding of a rule: its location, and what AWS would say or do. */
export interface Fault {
  /** JSON pointer into the template, beginning at its resources. */
  readonly at: string;
  readonly says: string;
}

export interface Rule {
  /** Name in kebab-case. */
  readonly name: string;
  /** Page on which AWS states the rule, or on which somebody reports the refusal. */
  readonly source: string;
  check(template: GuardedTemplate): Iterable<Fault>;
}
