// Lossless compression: bits-back coding with asymmetric numeral systems.

export { type CodingOptions, type Decoded, decodeRows, type EncodingOptions, encodeRows } from './codec.ts';
