import { retryAfter } from './template-parts';

const tooLarge = 'Too large for the stream: one event has at most 1 MiB, a batch at most 5 MiB.';

/** Answer for a request that Kinesis rejected without reading it. */
export const kinesisTooLargeResponse = `{"message":"${tooLarge}","requestId":"$context.requestId"}`;

/**
 * Template of the answer to a 4xx of Kinesis. It selects by `__type`, and never passes on the error's message, which
 * names account and stream (docs.aws.amazon.com/kinesis/latest/APIReference/CommonErrors.html).
 *
 * Errors that the client did not cause (stream not found, access denied) become 500, the method's default.
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

/** Template of the answer to a 5xx of Kinesis: nothing was stored, and the same request may soon succeed. */
export const kinesisUnavailableResponse = `
${retryAfter('1')}
{"message":"The stream is unavailable; send this again.","requestId":"$context.requestId"}`.trimStart();
