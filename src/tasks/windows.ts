// Images of any size for a model of one size: windows that overlap, each treated by itself, are laid over one another with
// weights that fall to nothing at a window's edge, so that no seam shows.

import { float32, type HostTensor } from '../runtime/index.ts';

/** How far windows are apart, in shares of their size. */
const stride = 0.5;

/**
 * Treats an image [height, width, channels] by windows of [rows, columns]. A smaller image is continued by its last row and
 * column.
 *
 * @param treat windows [n, rows, columns, channels] into as many of the same shape
 */
export async function byWindows(
  image: HostTensor<'float32'>,
  [rows, columns]: readonly [number, number],
  treat: (windows: HostTensor<'float32'>) => Promise<HostTensor<'float32'>>,
): Promise<HostTensor<'float32'>> {
  const [height, width, channels] = image.shape as [number, number, number];
  const places = startsOf(height, rows).flatMap(top => startsOf(width, columns).map(left => ({ top, left })));
  const size = rows * columns * channels;
  const windows = float32(new Float32Array(places.length * size), [places.length, rows, columns, channels]);
  const eachPixel = (visit: (window: number, source: number, weight: number, inside: boolean) => void): void => {
    places.forEach(({ top, left }, n) => {
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) {
          const [y, x] = [Math.min(top + r, height - 1), Math.min(left + c, width - 1)];
          const weight = hann(r, rows) * hann(c, columns);
          visit(
            n * size + (r * columns + c) * channels,
            (y * width + x) * channels,
            weight,
            top + r === y && left + c === x,
          );
        }
      }
    });
  };
  eachPixel((window, source) => {
    for (let k = 0; k < channels; k++) windows.data[window + k] = image.data[source + k]!;
  });
  const treated = await treat(windows);
  const [sums, weights] = [new Float64Array(image.data.length), new Float64Array(image.data.length)];
  eachPixel((window, source, weight, inside) => {
    if (!inside) return;
    for (let k = 0; k < channels; k++) {
      sums[source + k]! += weight * treated.data[window + k]!;
      weights[source + k]! += weight;
    }
  });
  return float32(
    Float32Array.from(sums, (sum, i) => sum / weights[i]!),
    image.shape,
  );
}

/** Where windows start along an axis, as evenly as can be, the last at the end. */
function startsOf(length: number, window: number): number[] {
  const last = Math.max(0, length - window);
  const steps = Math.ceil(last / Math.max(1, Math.floor(window * stride)));
  return Array.from({ length: steps + 1 }, (_, i) => (steps === 0 ? 0 : Math.round((i * last) / steps)));
}

/** A window's weight at a place: high in the middle, low but not nothing at the edge. */
function hann(place: number, length: number): number {
  return Math.sin((Math.PI * (place + 0.5)) / length) ** 2;
}
