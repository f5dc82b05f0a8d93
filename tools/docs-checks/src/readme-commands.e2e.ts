// Takes two minutes, so it has a target of its own: npx nx run docs-checks:readme
import { testCommands } from './documented-commands';

jest.setTimeout(600_000);

testCommands(['README.md']);
