// The local stack starts this process from beside its own bundle.
import '@sluice/local-stack/query-worker';
