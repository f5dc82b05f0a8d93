export * from './events';
export * from './joins';
export * from './queries';
export * from './references';
export { shippedCatalog, shippedDefinitions, sourceOf } from './shipped-catalog';
