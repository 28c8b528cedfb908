// Graphs as ONNX models.

export { type Embedded, type EmitOptions, emitOnnx } from './emit.ts';
export { ProtobufWriter } from './protobuf.ts';
