// Files that hold arrays of numbers, and nothing that could be executed: what they say is checked, then trusted.

export { decodeNpy, encodeNpy } from './npy.ts';
export { decodeNpz } from './npz.ts';
export { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.ts';
