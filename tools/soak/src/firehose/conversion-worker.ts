// The local stack starts this thread from beside its own bundle.
import '@sluice/local-stack/conversion-worker';
