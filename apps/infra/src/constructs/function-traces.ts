import type { Deployment } from '../deployment';
import { arns } from './arns';

/** Variables and permissions that a function needs for its traces. */
export interface FunctionTraces {
  readonly environment: Readonly<Record<string, string>>;
  readonly rights: readonly {
    readonly actions: readonly string[];
    readonly resources: readonly string[];
  }[];
}

/** Recording of requests without a `traceparent`: a share of them, or none. */
export type TracedRequests = 'a share' | 'only of callers';

/**
 * Returns what a function needs to send its spans to the stage's collector. With traces but no collector, all
 * variables except the address are set; the local stack adds that.
 */
export function functionTraces(
  { settings: { traces } }: Pick<Deployment, 'settings'>,
  service: string,
  requests: TracedRequests,
): FunctionTraces {
  if (!traces) return { environment: {}, rights: [] };
  const { share, endpoint, headersSecret } = traces;
  return {
    environment: {
      OTEL_SERVICE_NAME: service,
      ...(requests === 'a share'
        ? {
            OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
            OTEL_TRACES_SAMPLER_ARG: String(share),
          }
        : { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }),
      ...(endpoint !== null && { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
      ...(endpoint !== null && headersSecret && { TRACES_HEADERS_SECRET: headersSecret }),
    },
    rights:
      endpoint !== null && headersSecret
        ? [
            {
              actions: ['secretsmanager:GetSecretValue'],
              resources: [arns.secret(headersSecret)],
            },
          ]
        : [],
  };
}
