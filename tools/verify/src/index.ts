export type { Row } from './compare-row';
export { localTarget } from './local-target';
export { markedEvent, markMember, type MarkedEvent } from './marked-event';
export { startOwnStack, type OwnStack } from './own-stack';
export { runMark } from './run-mark';
export { stageTarget } from './stage-target';
export { TargetError, type Target } from './target';
