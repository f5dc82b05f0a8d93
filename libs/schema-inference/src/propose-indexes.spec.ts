import { inferEvent, renderInferenceReport, renderInferenceSummary } from '.';

const uuid = (of: number): string => `6ba7b810-9dad-11d1-80b4-${String(of).padStart(12, '0')}`;

const visits = (count: number): readonly object[] =>
  Array.from({ length: count }, (_, at) => ({
    visitId: `v-${at}`,
    ...(at % 5 > 0 && { sessionId: at - (at % 4) }),
    device: { id: uuid(at % 40) },
    order: at % 3 === 0 ? { id: `o-${at}` } : null,
    tenantId: `t-${at % 3}`,
    campaignId: at % 7,
    page: `/page/${at}`,
    ratioId: at / 7,
  }));

it('ids beside the key are proposed with their counts: those that repeat and those of few events, but no category', async () => {
  const { definition, report } = await inferEvent(visits(600), { name: 'visit' });
  expect(definition.key).toBe('visitId');
  expect(definition.indexes).toBeUndefined();
  expect(report.indexProposals).toEqual([
    { path: 'order.id', distinct: 200, exact: true, eventsPerValue: 1 },
    { path: 'sessionId', distinct: 150, exact: true, eventsPerValue: 3.2 },
    { path: 'device.id', distinct: 40, exact: true, eventsPerValue: 15 },
  ]);
  const text = renderInferenceReport(report);
  expect(text).toContain('sessionId: 150 distinct values, 3.2 events each');
  const summary = renderInferenceSummary(report, {
    source: 'visits.ndjson',
    definitionFile: 'visit.event.json',
    reportFile: 'visit.report.txt',
  });
  expect(summary).toContain('indexes   none: order.id, sessionId, device.id could be');
});

it('of more values than a sample holds the counts are estimates', async () => {
  const events = Array.from({ length: 3_000 }, (_, at) => ({ id: at, sessionId: `s-${at >> 1}` }));
  const { report } = await inferEvent(events, { name: 'visit', key: 'id' });
  const [session] = report.indexProposals;
  expect(session).toMatchObject({ path: 'sessionId', exact: false });
  expect(session?.eventsPerValue).toBeGreaterThan(1.8);
  expect(session?.eventsPerValue).toBeLessThan(2.2);
});
