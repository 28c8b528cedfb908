// The part of gifenc (which ships no types) that animations use.

declare module 'gifenc' {
  type Palette = number[][];
  interface Encoder {
    writeFrame(
      index: Uint8Array,
      width: number,
      height: number,
      options: { palette?: Palette; delay?: number; repeat?: number },
    ): void;
    finish(): void;
    bytes(): Uint8Array;
  }
  export interface Gifenc {
    GIFEncoder(): Encoder;
    /** At most so many colours for the RGBA pixels. */
    quantize(rgba: Uint8Array, colors: number): Palette;
    /** The number of the nearest colour for each pixel. */
    applyPalette(rgba: Uint8Array, palette: Palette): Uint8Array;
  }
  export const GIFEncoder: Gifenc['GIFEncoder'];
  export const quantize: Gifenc['quantize'];
  export const applyPalette: Gifenc['applyPalette'];
  const gifenc: Gifenc;
  export default gifenc;
}
