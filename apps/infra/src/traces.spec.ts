import type { TraceSettings } from './stage-settings';
import { synthesised, type Synthesised } from './testing/synthesised';

const stacks = [
  'FirehoseTransformer',
  'LakeMaintenance',
  'LookupApi',
  'Analytics',
  'Operations',
] as const;

const stageWith = (traces: TraceSettings | null): Synthesised =>
  synthesised({ stage: 'prod', settings: { traces } });

/** Returns the variables of OpenTelemetry of each function that has some, by its name. */
const tracedFunctions = ({ template }: Synthesised): Readonly<Record<string, object>> =>
  Object.fromEntries(
    stacks.flatMap((stack) =>
      Object.values(template(stack).findResources('AWS::Lambda::Function')).flatMap((resource) => {
        const { FunctionName, Environment } = resource['Properties'] as {
          readonly FunctionName: string;
          readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
        };
        const variables = Object.entries(Environment.Variables).filter(([name]) =>
          /^OTEL|^TRACES/.test(name),
        );
        return variables.length > 0 ? [[FunctionName, Object.fromEntries(variables)]] : [];
      }),
    ),
  );

it('are off in production until its settings name a collector: nothing of them is in a template', () => {
  const off = synthesised({ stage: 'prod' });
  expect(tracedFunctions(off)).toEqual({});
  for (const stack of [...stacks, 'IngestGateway'])
    expect(JSON.stringify(off.template(stack).toJSON())).not.toMatch(/\$parent|\/traces\//);
});

it('go from each function to the stage’s collector, with headers of a secret that each may read', () => {
  const endpoint = 'https://collector.example.com:4318';
  const on = stageWith({ share: 0.25, endpoint, headersSecret: 'sluice-prod-traces' });
  const common = {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    TRACES_HEADERS_SECRET: 'sluice-prod-traces',
  };
  const ofCallers = { ...common, OTEL_TRACES_SAMPLER: 'parentbased_always_off' };
  const functions = tracedFunctions(on);
  expect(functions).toEqual({
    'sluice-prod-transform-match_event': {
      ...ofCallers,
      OTEL_SERVICE_NAME: 'firehose-transformer',
    },
    'sluice-prod-transform-order_v2': { ...ofCallers, OTEL_SERVICE_NAME: 'firehose-transformer' },
    'sluice-prod-compact': { ...ofCallers, OTEL_SERVICE_NAME: 'lake-maintenance' },
    'sluice-prod-lookup': {
      ...common,
      OTEL_SERVICE_NAME: 'lookup-api',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    },
    'sluice-prod-analytics': { ...ofCallers, OTEL_SERVICE_NAME: 'analytics' },
    'sluice-prod-operations': { ...ofCallers, OTEL_SERVICE_NAME: 'operations' },
  });
  const readers = stacks.flatMap((stack) =>
    Object.values(on.template(stack).findResources('AWS::IAM::Policy')).filter((policy) =>
      JSON.stringify(policy).includes('secret:sluice-prod-traces-??????'),
    ),
  );
  expect(readers).toHaveLength(Object.keys(functions).length);
  const gateway = JSON.stringify(on.template('IngestGateway').toJSON());
  expect(gateway).toContain('traceparent');
});

it('on the stage of laptops are recorded, and sent nowhere unless the local stack says where', () => {
  const functions = tracedFunctions(synthesised());
  expect(Object.keys(functions)).toContain('sluice-dev-lookup');
  expect(JSON.stringify(functions)).not.toMatch(/ENDPOINT|SECRET/);
});
