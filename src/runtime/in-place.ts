// How to keep onnxruntime-node from copying outputs. Its `run` writes preallocated outputs in place, and then copies every
// output into a new array for its result all the same: 1.7 MB of gradients a step for a small model, and a garbage collection
// every twenty steps. The results are made in the order of the outputs, and an output that is no tensor ends that with an
// error. So a model gets one more output, in front: an empty sequence. Where a run asks for it, everything has been computed
// and written in place when the error comes.

import { ProtobufWriter } from '../onnx/index.ts';

/** The name of the additional output. */
export const sentinel = '%in-place';

/**
 * The model with the additional output. Protobuf messages that follow one another are one message, so a graph with one node
 * and one output is simply written before the model's own.
 */
export function withSentinel(model: Uint8Array): Uint8Array {
  const floatTensor = (type: ProtobufWriter): ProtobufWriter => type.message(1, tensor => tensor.int(1, 1));
  const prefix = new ProtobufWriter()
    .message(7, graph =>
      graph
        .message(1, node => node.string(2, sentinel).string(4, 'SequenceEmpty'))
        .message(12, value =>
          value.string(1, sentinel).message(2, type => type.message(4, s => s.message(1, floatTensor))),
        ),
    )
    .finish();
  const bytes = new Uint8Array(prefix.length + model.length);
  bytes.set(prefix);
  bytes.set(model, prefix.length);
  return bytes;
}

/** Whether an error is the one that the additional output provokes. */
export function isSentinelError(error: unknown): boolean {
  return error instanceof Error && /^Non tensor type is (temporarily )?not supported/.test(error.message);
}
