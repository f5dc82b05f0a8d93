import { createIngestClient, type IngestClientOptions, type Outcome } from '@sluice/ingest-client';
import { publishedEventCheck } from '@sluice/ingest-client/schema';

const to = {
  endpoint: process.env['GATEWAY'] ?? '',
  apiKey: 'a-key',
  eventType: 'order',
} satisfies IngestClientOptions;
const use = async (): Promise<void> => {
  const client = createIngestClient({ ...to, check: await publishedEventCheck(to) });
  const outcomes: Outcome[] = [
    await client.deliver({ id: 'order-1' }),
    await client.deliver({ id: 2 }),
  ];
  await client.close();
  console.log(JSON.stringify(outcomes.map(({ status }) => status)));
};
void use();
