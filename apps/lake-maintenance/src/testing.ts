export { date, order, orderRow, putRaw } from './compaction/testing';
