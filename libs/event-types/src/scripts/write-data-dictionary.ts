// npx nx run event-types:docs
import { writeFileSync } from 'node:fs';
import { dataDictionary } from '@sluice/event-schema';
import { shippedCatalog } from '../shipped-catalog';

/** Path from the root of the workspace, in which Nx runs its targets. */
const file = 'docs/data-dictionary.md';

writeFileSync(file, dataDictionary(shippedCatalog));
console.log(
  `${file} describes ${Object.entries<readonly unknown[]>({ ...shippedCatalog })
    .map(([kind, definitions]) => `${definitions.length} ${kind}`)
    .join(', ')}.`,
);
