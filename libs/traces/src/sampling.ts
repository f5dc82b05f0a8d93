import { parseTraceparent, newTraceId, type TraceContext } from './trace-context';

/** Decides which requests are recorded. */
export interface Sampling {
  /** Share of the requests without a `traceparent` that are recorded, from 0 to 1. */
  readonly share: number;
}

/**
 * Reads the standard variables `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`
 * (OpenTelemetry specification, "Environment Variable Specification"). All samplers here follow the caller's decision
 * where there is one.
 *
 * @throws Error where the sampler is unknown, or its share is no number from 0 to 1
 */
export function samplingOf(environment: Readonly<NodeJS.ProcessEnv>): Sampling {
  const sampler = environment['OTEL_TRACES_SAMPLER'] ?? 'parentbased_always_on';
  if (sampler === 'parentbased_always_on') return { share: 1 };
  if (sampler === 'parentbased_always_off') return { share: 0 };
  if (sampler !== 'parentbased_traceidratio')
    throw new Error(
      `OTEL_TRACES_SAMPLER is "${sampler}"; known are parentbased_always_on, parentbased_always_off and parentbased_traceidratio`,
    );
  const argument = environment['OTEL_TRACES_SAMPLER_ARG'] ?? '1';
  const share = Number(argument);
  if (argument.trim() === '' || !(share >= 0 && share <= 1))
    throw new Error(`OTEL_TRACES_SAMPLER_ARG is "${argument}", not a number from 0 to 1`);
  return { share };
}

/**
 * Returns where the spans of a request belong, or undefined where it is not recorded. The caller's flag decides; a
 * request without a valid `traceparent` begins a trace with the probability of `share`.
 */
export function sampledContext(
  header: string | undefined,
  { share }: Sampling,
  random: () => number = Math.random,
): TraceContext | undefined {
  const parent = parseTraceparent(header);
  if (parent) return parent.isSampled ? parent : undefined;
  return share > 0 && random() < share ? { traceId: newTraceId(), spanId: undefined } : undefined;
}
