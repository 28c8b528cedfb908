// The kernels' linear memory: not shared and never grown, because ONNX Runtime's tensors wrap views of it. Arrays are
// handed out one after the other and live as long as the memory does.

import { LatentkitError } from '../errors.ts';

const ALIGNMENT = 64;
const PAGE = 65_536;
/** Room for the module's own data before the arrays. */
const RESERVED = 4096;

/** What an array of so many bytes takes of the kernels' memory: the next multiple of a cache line, 64 bytes. */
export function alignedBytes(byteLength: number): number {
  return Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT;
}

/** A memory with room for `bytes` of arrays. Throws `runtime` where there is not that much to be had. */
export function createMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil((RESERVED + alignedBytes(bytes)) / PAGE);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (cause) {
    const wanted = `${Math.ceil(bytes / 2 ** 20)} MiB`;
    throw new LatentkitError('runtime', `the kernels need ${wanted} of memory (4 GiB is the most there is)`, { cause });
  }
}

/** Hands out places in a memory from `start` on; each call gives the first byte of so many. */
export function createAllocator(memory: WebAssembly.Memory, start: number): (byteLength: number) => number {
  let next = alignedBytes(start);
  return byteLength => {
    const at = next;
    const free = memory.buffer.byteLength - at;
    if (byteLength > free) {
      throw new LatentkitError('internal', `the kernels' memory is full: ${byteLength} bytes asked for, ${free} free`);
    }
    next += alignedBytes(byteLength);
    return at;
  };
}
