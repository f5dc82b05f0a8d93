import { glueType, joinQuery } from '@sluice/event-schema';
import { saleCustomers } from '@sluice/event-schema/testing/shop';
import { execFileSync } from 'node:child_process';
import { sparkJoinScript } from './spark-join-script';

const script = sparkJoinScript(saleCustomers);

it('carries the SQL that Athena runs, with the names of Spark for types', () => {
  const [, literal = ''] = /^plan = json\.loads\((.*)\)$/m.exec(script) ?? [];
  expect(JSON.parse(JSON.parse(literal) as string)).toMatchObject({
    table: '`lake`.`sale`.`iceberg`',
    rows: 'sale',
    reference: 'customers',
    referenceFolder: 'reference/customers/',
    joinQuery: joinQuery(saleCustomers, glueType),
    target: 'results/sale_customers/dt={date}/run={run}/',
  });
});

const python = (() => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

// Python is nothing that tests may need.
(python ? it : it.skip)('is Python', () => {
  execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
    input: script,
  });
});
