/** Where the local stack pretends to be deployed. */
export const place = { region: 'us-east-1', accountId: '000000000000' };
