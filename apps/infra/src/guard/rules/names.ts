import { stageNames } from '../../stage-settings';
import { nameOf, nameRules } from '../named-resources';
import type { Rule } from '../rule';
import { resourcesOf } from '../template';

/** Returns how much longer a name is in the stage with the longest name. */
function longerElsewhere(name: string): number {
  const longest = Math.max(...stageNames.map(({ length }) => length));
  const stage = stageNames.find((one) => new RegExp(`(?:^|[-_/])${one}(?:[-_/]|$)`).test(name));
  return stage === undefined ? 0 : longest - stage.length;
}

export const nameLengths: Rule = {
  name: 'names',
  source: 'https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html',
  *check(template) {
    for (const { id, type, properties } of resourcesOf(template)) {
      const rule = nameRules[type];
      const name = nameOf({ type, properties });
      if (!rule || name === undefined || name.includes('<')) continue;
      const length = name.length + longerElsewhere(name);
      if (length > rule.max)
        yield {
          at: `/${id}/${rule.property}`,
          says: `"${name}" has up to ${length} characters, in the stage with the longest name; ${type} takes ${rule.max}`,
        };
      if (rule.pattern && !rule.pattern.test(name))
        yield {
          at: `/${id}/${rule.property}`,
          says: `"${name}" holds a character that ${type} refuses`,
        };
    }
  },
};

/** Finds resources that stay after a failed creation and, because of their fixed name, prevent the next one. */
export const repeatableCreation: Rule = {
  name: 'repeatable-creation',
  source:
    'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html',
  *check(template) {
    for (const { id, type, properties, deletionPolicy } of resourcesOf(template)) {
      if (deletionPolicy !== 'Retain' || nameOf({ type, properties }) === undefined) continue;
      yield {
        at: `/${id}`,
        says: 'it outlives a creation that fails, and the next one is refused; let its policy be RetainExceptOnCreate',
      };
    }
  },
};
