export { compareEventTypes, type Audience, type Change } from './compare-event-types';
export { breakingChanges, compatibilityReport } from './compatibility-report';
