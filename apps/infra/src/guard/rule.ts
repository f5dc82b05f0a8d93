import type { GuardedTemplate } from './template';

/** What a rule finds: where, and what AWS would say or do. */
export interface Fault {
  /** JSON pointer into the template, from its resources on. */
  readonly at: string;
  readonly says: string;
}

export interface Rule {
  /** In kebab-case. */
  readonly name: string;
  /** Where AWS, or who met the refusal, says so. */
  readonly source: string;
  check(template: GuardedTemplate): Iterable<Fault>;
}
