import { explanations } from './explained';
import type { Fault, Rule } from './rule';
import {
  apiResources,
  headerNames,
  mappingTemplateSize,
  methodResponses,
  modelKeywordsKnown,
  modelNames,
  passedOnBytes,
  templateFunctions,
} from './rules/api-documents';
import { dashboardSize, environmentSize, policySize, templateSize } from './rules/limits';
import { nameLengths, repeatableCreation } from './rules/names';
import { deliveryInvokes, trustConditions } from './rules/permissions';
import { apiThrottle, firewallAndPlan, functionMemory, onDemandStreams } from './rules/quotas';
import { glueColumnsFit, noNull, textFieldsFit, textInFreeForm } from './rules/values';
import type { GuardedTemplate } from './template';

/**
 * Rules for templates that AWS refuses, silently ignores or has no quota for in a new account, and that cfn-lint and
 * cdk-nag don't find.
 */
export const rules: readonly Rule[] = [
  noNull,
  textInFreeForm,
  textFieldsFit,
  glueColumnsFit,
  templateSize,
  policySize,
  environmentSize,
  dashboardSize,
  nameLengths,
  repeatableCreation,
  trustConditions,
  deliveryInvokes,
  apiResources,
  modelKeywordsKnown,
  modelNames,
  mappingTemplateSize,
  templateFunctions,
  headerNames,
  methodResponses,
  passedOnBytes,
  functionMemory,
  apiThrottle,
  onDemandStreams,
  firewallAndPlan,
];

export interface Finding extends Fault {
  readonly template: string;
  readonly rule: string;
  readonly source: string;
  /** Reason for accepting the finding; undefined where it has to be fixed. */
  readonly explained: string | undefined;
}

/** Checks templates against all rules. */
export const guardTemplates = (templates: readonly GuardedTemplate[]): readonly Finding[] =>
  templates.flatMap((template) =>
    rules.flatMap((rule) =>
      [...rule.check(template)].map((fault) => ({
        ...fault,
        template: template.name,
        rule: rule.name,
        source: rule.source,
        explained: explanations.find(({ finds }) =>
          finds.test(`${template.name} ${rule.name} ${fault.at}`),
        )?.reason,
      })),
    ),
  );
