export { asksForProtection } from '../protection/protected-once-complete';
export { nameOf } from './named-resources';
export { readTemplates, resourcesOf, type GuardedTemplate, type Resource } from './template';
export { stageNames, type StageName } from '../stage-settings';
