export {
  NotApplicable,
  Unexpected,
  type CheckResult,
  type NamedCheck,
  type Outcome,
  type Status,
} from './check';
export { checkList, countByStatus, textTable, type TableColumn } from './report';
export { runChecks, UnknownCheckError, type RunOptions } from './run-checks';
