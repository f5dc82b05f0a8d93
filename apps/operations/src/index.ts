export { createOperationsApi, type OperationsApiOptions, type StartWork } from './operations-api';
export type { LakeOverview, TableOverview } from './lake/table-overview';
export type { TableDay } from './lake/table-days';
