import { retryAfter } from './template-parts';

const tooLarge = 'Too large for the stream: one event has at most 1 MiB, a batch at most 5 MiB.';

/** Kinesis did not even read the request. */
export const kinesisTooLargeResponse = `{"message":"${tooLarge}","requestId":"$context.requestId"}`;

/**
 * An error that Kinesis answered with a 4xx → what the client gets. Which error it is stands in `__type`; its
 * message names account and stream and is never passed on
 * (docs.aws.amazon.com/kinesis/latest/APIReference/CommonErrors.html).
 *
 * Whatever is not the client's doing (stream not found, access denied) answers 500 as the method's default.
 */
export const kinesisErrorResponse = `
#set($type = "$!input.path('$.__type')")
#set($detail = "$!input.path('$.message')$!input.path('$.Message')")
#if($type.contains("Throughput") || $type.contains("Throttl") || $type.contains("LimitExceeded"))
#set($context.responseOverride.status = 429)
${retryAfter('1')}
#set($message = "The stream is at its limit; send this again.")
#elseif($type.contains("Validation") || $type.contains("InvalidArgument") || $type.contains("Serialization"))
#if($detail.contains("size") || $detail.contains("equal to 1048576") || $detail.contains("equal to 10485760"))
#set($context.responseOverride.status = 413)
#set($message = "${tooLarge}")
#else
#set($context.responseOverride.status = 400)
#set($message = "The stream refused this; a batch has at most 500 events, each of them a JSON object.")
#end
#else
#set($message = "The event could not be stored; the operators of this API can tell why by the request id.")
#end
{"message":"$message","requestId":"$context.requestId"}`.trimStart();

/** Kinesis is there but not well (5xx): nothing was stored, and the same request may work soon. */
export const kinesisUnavailableResponse = `
${retryAfter('1')}
{"message":"The stream is unavailable; send this again.","requestId":"$context.requestId"}`.trimStart();
