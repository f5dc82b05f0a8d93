import { MemoryObjectStore } from './memory-object-store';
import { testObjectStore } from './testing';

testObjectStore('memory', () => Promise.resolve(new MemoryObjectStore()));
