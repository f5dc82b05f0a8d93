import { advice, failed, type PreflightCheck } from './preflight-check';

export const lakeFormation: PreflightCheck = {
  id: 'lake-formation.defaults',
  checks: 'IAM alone decides who may read new databases and tables of the Glue catalog.',
  source: 'https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html',
  needs: ['account.region'],
  run: async (situation) => {
    const { databasesByIam, tablesByIam } = await situation.account.dataLake();
    if (databasesByIam && tablesByIam) return 'IAM_ALLOWED_PRINCIPALS has ALL on what is new';
    const { databases } = await situation.needs();
    const owned = await situation.owned();
    const isDeployed = databases.every((name) => owned.has(`AWS::Glue::Database ${name}`));
    const which = [
      ...(databasesByIam ? [] : ['databases']),
      ...(tablesByIam ? [] : ['tables']),
    ].join(' and ');
    const observed = `new ${which} are Lake Formation’s alone, where roles need a grant beside their policies`;
    const toDo = [
      'Turn on "Use only IAM access control" for both (Lake Formation → Administration → Data Catalog settings) before the first deployment, or grant:',
      ...databases.flatMap((name) => [
        `DESCRIBE on the database ${name} and SELECT, DESCRIBE on its tables, to the roles of delivery, analytics and joins;`,
        `ALL on the database ${name} to the role cdk-…-cfn-exec-role, which makes its tables.`,
      ]),
    ];
    return isDeployed
      ? advice(`${observed}; the stage is deployed already`, ...toDo)
      : failed(observed, ...toDo);
  },
};
