// A separate entry point (@sluice/privacy/erasures): requests to erase people, and the ledger that hides them, as
// objects of the lake.
export {
  addToLedger,
  hiddenUntilMs,
  ledgerEntries,
  ledgerKey,
  ledgerPrefix,
  LedgerMatch,
  readLedger,
  settleLedger,
  type Ledger,
  type LedgerEntry,
} from './erasures/ledger';
export { erasedRows, type ErasedRows } from './erasures/erased-rows';
export {
  certificatesPrefix,
  closeErasure,
  erasureKey,
  erasuresPrefix,
  isSignedCertificate,
  openErasures,
  readErasure,
  requestErasure,
  signCertificate,
  subjectOf,
  updateErasure,
  withoutName,
  type Certificate,
  type CertificateSignature,
  type CertifiedPass,
  type CertifiedTable,
  type Erasure,
  type ErasureState,
  type StoredErasure,
} from './erasures/erasure';
export {
  columnsOfReference,
  columnsOfSubject,
  ErasureError,
  hasHashedSubject,
  hiddenTexts,
  subjectColumns,
  type SubjectColumn,
} from './erasures/subject-columns';
