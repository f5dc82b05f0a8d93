// Takes minutes, so it has a target of its own: npx nx run docs-checks:guides
import { guides, testCommands } from './documented-commands';

jest.setTimeout(600_000);

testCommands(guides);
