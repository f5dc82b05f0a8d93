import type { GuardedTemplate } from './template';

/** What a rule finds: where, and what AWS would say or do. */
export interface Fault {
  /** JSON pointer into the template, from its resources on. */
  readonly at: string;
  readonly says: string;
}

export interface Rule {
  /** Name in kebab-case. */
  readonly name: string;
  /** Page on which AWS says so, or somebody whom it refused. */
  readonly source: string;
  check(template: GuardedTemplate): Iterable<Fault>;
}
