// The device that --device names.

import { z } from 'zod';
import { type NodeDevice, nodeRuntime, type Runtime } from '../runtime/index.ts';
import { parseSpec } from '../schema.ts';

const devices: z.ZodType<NodeDevice> = z.enum(['cpu', 'webgpu', 'cuda']);

/** Opens a runtime; on the CPU unless told. Throws a LatentkitError that lists the devices this machine has. */
export async function deviceRuntime(device: string | undefined): Promise<Runtime> {
  return nodeRuntime({ device: parseSpec(devices, device ?? 'cpu', '--device') });
}
