// A separate entry point (@sluice/privacy/erasures): who is to be forgotten, as objects of the lake.
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
export {
  certificatesPrefix,
  closeErasure,
  erasuresPrefix,
  isSignedCertificate,
  openErasures,
  readErasure,
  requestErasure,
  signCertificate,
  subjectOf,
  updateErasure,
  type Certificate,
  type CertifiedPass,
  type Erasure,
  type ErasureState,
  type StoredErasure,
} from './erasures/erasure';
export {
  columnsOfSubject,
  ErasureError,
  hasHashedSubject,
  hiddenTexts,
  subjectColumns,
  type SubjectColumn,
} from './erasures/subject-columns';
