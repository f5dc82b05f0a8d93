export { createLookupApi, type LookupApi, type LookupApiOptions } from './lookup-api';
