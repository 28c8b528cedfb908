// The device that --device names.

import { z } from 'zod';
import { type NodeDevice, nodeRuntime, type Runtime } from '../runtime/index.ts';
import { parseSpec } from '../schema.ts';

const devices: z.ZodType<NodeDevice> = z.enum(['cpu', 'webgpu', 'cuda']);

/** The device of this name; the CPU unless told. */
export function deviceOf(name: string | undefined): NodeDevice {
  return parseSpec(devices, name ?? 'cpu', '--device');
}

/** Opens a runtime. Throws a LatentkitError that lists the devices this machine has. */
export async function deviceRuntime(name: string | undefined): Promise<Runtime> {
  return nodeRuntime({ device: deviceOf(name) });
}
