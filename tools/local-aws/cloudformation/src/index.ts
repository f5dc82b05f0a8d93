/**
 * A synthesised cloud assembly with its intrinsic functions evaluated, as after a deployment.
 *
 * @example
 * const resolver = new TemplateResolver(readAssembly('dist/cdk.out/dev'), localAccount);
 * for (const { ref, arn, properties } of resolver.resources('AWS::Kinesis::Stream')) start(ref, properties);
 */
export { readAssembly } from './assembly';
export { localAccount, TemplateResolver, type ResolvedResource } from './resolver';
