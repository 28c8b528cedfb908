// The loader `images`. What touches the disk is imported only when it is used, so browsers can load this too.

import { defineLoader, type LoaderDefinition } from '../loader.ts';
import { type ImagesConfig, imagesSchema } from './config.ts';

export const imagesLoader: LoaderDefinition<ImagesConfig> = defineLoader<ImagesConfig>({
  type: 'images',
  summary: 'PNG, JPEG, WebP, AVIF or GIF images, a folder of them or one',
  schema: imagesSchema,
  async recognise(path, kind) {
    return (await (await onDisk()).holdsImages(path, kind)) ? { type: 'images', path } : undefined;
  },
  load: async config => (await onDisk()).loadImages(config),
  read: async (settled, path) => (await onDisk()).readImages(settled, path),
  /** A model of other images takes them in its own size and colours. */
  adapt(config, { shape: [height, width, channels, ...rest], dtype }) {
    if (dtype !== 'uint8' || !height || !width || rest.length > 0) return config;
    return channels === 1 || channels === 3 ? { ...config, size: [height, width], channels } : config;
  },
  inspect: async config => (await onDisk()).inspectFolder(config),
});

function onDisk(): Promise<typeof import('./folder.ts')> {
  return import('./folder.ts');
}
