const { createIngestClient } = require('@sluice/ingest-client');
const { publishedEventCheck } = require('@sluice/ingest-client/schema');

const to = { endpoint: process.env.GATEWAY, apiKey: 'a-key', eventType: 'order' };
const use = async () => {
  const client = createIngestClient({ ...to, check: await publishedEventCheck(to) });
  const outcomes = [await client.deliver({ id: 'order-1' }), await client.deliver({ id: 2 })];
  await client.close();
  console.log(JSON.stringify(outcomes.map(({ status }) => status)));
};
void use();
