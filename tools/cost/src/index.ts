export { estimate, total } from './estimate';
export { pricesByRegion, priceSource } from './price-table';
export { assumptions, type Workload } from './workload';
