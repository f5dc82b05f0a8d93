export { createLookupApi, type LookupApiOptions } from './lookup-api';
