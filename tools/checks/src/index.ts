export {
  NotApplicable,
  Unexpected,
  type CheckResult,
  type NamedCheck,
  type Outcome,
  type Status,
} from './check';
export { checkList, countByStatus, textTable, writeReport, type TableColumn } from './report';
export { runChecks, toldChecks, UnknownCheckError, type RunOptions } from './run-checks';
