import { runPutReference } from './run-put-reference';

process.exitCode = await runPutReference(process.argv.slice(2), process.env);
