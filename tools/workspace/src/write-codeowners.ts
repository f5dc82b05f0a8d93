import { writeFileSync } from 'node:fs';
import { codeowners } from './codeowners';
import { teams } from './owners';

// Every target runs in the workspace's root.
writeFileSync('CODEOWNERS', codeowners(teams));
