// npx nx run event-schema:docs
import { writeFileSync } from 'node:fs';
import { dataDictionary } from '../data-dictionary';
import { shippedEventTypes } from '../events';

/** From the root of the workspace, where Nx runs its targets. */
const file = 'docs/data-dictionary.md';

writeFileSync(file, dataDictionary(shippedEventTypes));
console.log(`${file} describes ${shippedEventTypes.length} event types.`);
