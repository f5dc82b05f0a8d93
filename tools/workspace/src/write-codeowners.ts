import { writeFileSync } from 'node:fs';
import { codeowners } from './codeowners';
import { teams } from './owners';

// Run from the workspace's root, as every target is.
writeFileSync('CODEOWNERS', codeowners(teams));
