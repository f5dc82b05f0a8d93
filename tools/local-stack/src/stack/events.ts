import { localAccount, type TemplateResolver } from '@sluice/local-cloudformation';
import { objectCreated, readEventRules } from '@sluice/local-eventbridge';
import type { CreatedObject } from '@sluice/local-s3';
import type { StartTarget } from './targets';

/** Receives the events of the stack, for the rules of the templates. */
export interface Events {
  created(object: CreatedObject): void;
}

/**
 * Starts the targets of rules. Source: S3 user guide, "Using EventBridge": a bucket with this setting sends the
 * events of all its objects.
 */
export function startEvents({
  resolver,
  startTarget,
  warn,
}: {
  readonly resolver: TemplateResolver;
  readonly startTarget: StartTarget;
  readonly warn: (name: string, error: unknown) => void;
}): Events {
  const rules = readEventRules(resolver.resources('AWS::Events::Rule'));
  const sending = new Set(
    resolver
      .resources('AWS::S3::Bucket')
      .filter(({ properties }) => sendsEvents(properties['NotificationConfiguration']))
      .map(({ ref }) => ref),
  );
  return {
    created: (object) => {
      if (rules.length === 0 || !sending.has(object.bucket)) return;
      const event = objectCreated(object, localAccount, Date.now());
      for (const { name, matches, targets } of rules)
        if (matches(event))
          for (const target of targets)
            Promise.resolve()
              .then(() => startTarget(target, target.input(event)))
              .catch((error: unknown) => warn(name, error));
    },
  };
}

/** Decides whether a bucket sends events, which is the default where the property is present. */
const sendsEvents = (notifications: unknown): boolean => {
  const { EventBridgeConfiguration } = (notifications ?? {}) as {
    readonly EventBridgeConfiguration?: { readonly EventBridgeEnabled?: boolean | string };
  };
  return (
    EventBridgeConfiguration !== undefined &&
    String(EventBridgeConfiguration.EventBridgeEnabled ?? true) === 'true'
  );
};
