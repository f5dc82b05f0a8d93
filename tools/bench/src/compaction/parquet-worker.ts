// Compaction starts this thread from beside the bench's own bundle.
import '@sluice/lake-maintenance/parquet-worker';
