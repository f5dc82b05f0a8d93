export { estimate, total, type Bill, type Estimate } from './estimate';
export { flowCost, type FlowCost, type ObservedFlow } from './flow-cost';
export { pricesByRegion, priceSource, type Prices } from './price-table';
export { assumptions, type Workload } from './workload';
