import { runLakeSql } from './sql/run-lake-sql';

process.exitCode = await runLakeSql({
  args: process.argv.slice(2),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
});
