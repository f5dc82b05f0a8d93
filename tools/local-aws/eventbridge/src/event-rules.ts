import { randomUUID } from 'node:crypto';
import { eventPattern } from './event-pattern';

/** An event as EventBridge sends it to a rule's targets. */
export interface BusEvent {
  readonly id: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: object;
}

/** An object that was written to a bucket. */
export interface CreatedObject {
  readonly bucket: string;
  readonly key: string;
  readonly bytes: number;
  /** ETag, with or without its quotes. */
  readonly etag: string;
  /** The S3 operation that wrote it, such as `PutObject`. */
  readonly reason: string;
}

export interface EventRule {
  readonly name: string;
  readonly matches: (event: unknown) => boolean;
  readonly targets: readonly RuleTarget[];
}

export interface RuleTarget {
  readonly arn: string;
  /** Role with which the target is started; undefined where the target itself permits the rule. */
  readonly roleArn: string | undefined;
  /** Returns the target's input for an event. */
  readonly input: (event: BusEvent) => unknown;
}

interface TargetProperties {
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>;
    readonly InputTemplate: string;
  };
}

/** An `AWS::Events::Rule` of a template, with its references resolved. */
export interface RuleResource {
  readonly ref: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * Reads the rules that match events. Scheduled rules, which have no pattern, are left out, and so are disabled ones.
 *
 * @throws {@link PatternError} for a pattern that is not supported here
 */
export const readEventRules = (resources: readonly RuleResource[]): readonly EventRule[] =>
  resources.flatMap(({ ref, properties }) => {
    const { EventPattern, State = 'ENABLED', Targets = [] } = properties;
    if (EventPattern === undefined || State === 'DISABLED') return [];
    return {
      name: ref,
      matches: eventPattern(EventPattern, `the pattern of ${ref}`),
      targets: (Targets as readonly TargetProperties[]).map(ruleTarget),
    };
  });

const ruleTarget = (target: TargetProperties): RuleTarget => ({
  arn: target.Arn,
  roleArn: target.RoleArn,
  input: (event) => targetInput(target, event),
});

/** Returns a function that makes a target's input. Source: EventBridge user guide, "Input transformation". */
function targetInput(
  { Input, InputPath, InputTransformer }: TargetProperties,
  event: BusEvent,
): unknown {
  if (Input !== undefined) return JSON.parse(Input) as unknown;
  if (InputTransformer) {
    const { InputPathsMap = {}, InputTemplate } = InputTransformer;
    const values = new Map(
      Object.entries(InputPathsMap).map(([name, path]) => [name, valueAt(event, path)]),
    );
    const filledIn = (text: string, write: (value: unknown) => string): string =>
      text.replace(/<([^<>]+)>/g, (placeholder, name: string) =>
        values.has(name) ? write(values.get(name)) : placeholder,
      );
    // A placeholder inside quotes becomes part of the text; one on its own becomes a value, a text with its quotes.
    const text = InputTemplate.replace(/"(?:[^"\\]|\\.)*"|[^"]+/g, (part) =>
      part.startsWith('"')
        ? filledIn(part, (value) =>
            JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value)).slice(1, -1),
          )
        : filledIn(part, (value) => JSON.stringify(value ?? null)),
    );
    return JSON.parse(text) as unknown;
  }
  return InputPath === undefined ? event : valueAt(event, InputPath);
}

/** Returns the value at a path such as `$.detail.object.key`. */
const valueAt = (event: unknown, path: string): unknown =>
  path
    .split('.')
    .slice(1)
    .reduce<unknown>(
      (value, name) => (value as Readonly<Record<string, unknown>> | undefined)?.[name],
      event,
    );

/** Returns the `Object Created` event of an object. Source: S3 user guide, "EventBridge event message structure". */
export const objectCreated = (
  { bucket, key, bytes, etag, reason }: CreatedObject,
  { region, accountId }: { readonly region: string; readonly accountId: string },
  nowMs: number,
): BusEvent & Readonly<Record<string, unknown>> => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account: accountId,
  time: new Date(nowMs).toISOString().replace(/\.\d{3}Z$/, 'Z'),
  region,
  resources: [`arn:aws:s3:::${bucket}`],
  detail: {
    version: '0',
    bucket: { name: bucket },
    object: {
      key,
      size: bytes,
      etag: etag.replaceAll('"', ''),
      // Increases with each later write of the same key.
      sequencer: nowMs.toString(16).toUpperCase().padStart(16, '0'),
    },
    'request-id': randomUUID(),
    requester: accountId,
    'source-ip-address': '127.0.0.1',
    reason,
  },
});
