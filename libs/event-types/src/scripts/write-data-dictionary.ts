// npx nx run event-types:docs
import { writeFileSync } from 'node:fs';
import { dataDictionary } from '@sluice/event-schema';
import { shippedCatalog } from '../shipped-catalog';

/** From the root of the workspace, where Nx runs its targets. */
const file = 'docs/data-dictionary.md';

const catalog = shippedCatalog();
writeFileSync(file, dataDictionary(catalog));
console.log(
  `${file} describes ${Object.entries<readonly unknown[]>({ ...catalog })
    .map(([kind, definitions]) => `${definitions.length} ${kind}`)
    .join(', ')}.`,
);
