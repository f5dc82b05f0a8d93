export { Hedging, type HedgingOptions, type Schedule } from './hedging';
export { createLookupApi, type LookupApiOptions } from './lookup-api';
