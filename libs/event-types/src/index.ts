export * from './events';
export * from './joins';
export * from './queries';
export * from './references';
export { shippedCatalog } from './shipped-catalog';
