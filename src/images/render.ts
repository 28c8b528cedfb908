// Drawings as PNG files in Node. resvg (WebAssembly) draws them with a font from an npm package, so the same bytes come
// out on every machine, also on one without any font. Both are loaded when first used. Browsers draw SVG themselves.

import { type Drawing, toSvg } from './svg.ts';

type Renderer = (svg: string, scale: number) => Uint8Array;

let renderer: Promise<Renderer> | undefined;

/**
 * A drawing as the bytes of a PNG file.
 * @param options.scale pixels of the file per pixel of the drawing; 2 by default, which looks sharp on most screens
 */
export async function renderPng(drawing: Drawing, options: { scale?: number } = {}): Promise<Uint8Array> {
  renderer ??= createRenderer();
  return (await renderer)(toSvg(drawing), options.scale ?? 2);
}

async function createRenderer(): Promise<Renderer> {
  const { createRequire } = await import('node:module');
  const { readFile } = await import('node:fs/promises');
  const { initWasm, Resvg } = await import('@resvg/resvg-wasm');
  const { resolve } = createRequire(import.meta.url);
  const [wasm, ...fontBuffers] = await Promise.all(
    [
      '@resvg/resvg-wasm/index_bg.wasm',
      '@expo-google-fonts/manrope/400Regular/Manrope_400Regular.ttf',
      '@expo-google-fonts/manrope/600SemiBold/Manrope_600SemiBold.ttf',
    ].map(file => readFile(resolve(file))),
  );
  await initWasm(wasm!);
  return (svg, scale) => {
    const font = { fontBuffers, defaultFontFamily: 'Manrope', sansSerifFamily: 'Manrope' };
    const drawn = new Resvg(svg, { font, fitTo: { mode: 'zoom', value: scale } });
    const image = drawn.render();
    const png = image.asPng();
    image.free();
    drawn.free();
    return png;
  };
}
