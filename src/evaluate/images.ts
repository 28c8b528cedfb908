// How near images are to others: peak signal-to-noise ratio, and structural similarity (Wang, Bovik, Sheikh and Simoncelli
// 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity", equations 13–16) with their window: 11×11,
// Gaussian of deviation 1.5, at all places where it fits.

/** Images on the scale of [0, 1]: [n, height, width, channels] laid flat. */
export interface Images {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

const window = 11;
const deviation = 1.5;
/** (K₁ L)² and (K₂ L)² with K₁ = 0.01, K₂ = 0.03 and L = 1. */
const [c1, c2] = [0.01 ** 2, 0.03 ** 2];

/** The window's weights along one axis of so many pixels: an image smaller than the window has one as large as itself. */
function weights(size: number): Float64Array {
  const length = Math.min(window, size);
  const raw = Float64Array.from({ length }, (_, i) => Math.exp(-0.5 * ((i - (length - 1) / 2) / deviation) ** 2));
  const total = raw.reduce((a, b) => a + b);
  return raw.map(weight => weight / total);
}

/** PSNR of each image in decibels: 10 log₁₀(1 / mean squared error); Infinity where both are equal. */
export function psnr(a: Images, b: Images): Float64Array {
  const [count = 0, ...row] = a.shape;
  const width = row.reduce((x, y) => x * y, 1);
  return Float64Array.from({ length: count }, (_, image) => {
    let squares = 0;
    for (let i = image * width; i < (image + 1) * width; i++) squares += (a.data[i]! - b.data[i]!) ** 2;
    return -10 * Math.log10(squares / width);
  });
}

/** SSIM of each image, averaged over places and channels: 1 where both are equal. */
export function ssim(a: Images, b: Images): Float64Array {
  const [count = 0, height = 1, width = 1, channels = 1] = a.shape;
  const size = height * width * channels;
  const blur = blurOf(height, width);
  return Float64Array.from({ length: count }, (_, image) => {
    let total = 0;
    for (let channel = 0; channel < channels; channel++) {
      const plane = (of: ArrayLike<number>): Float64Array =>
        Float64Array.from({ length: height * width }, (_, i) => of[image * size + i * channels + channel]!);
      total += similarity(plane(a.data), plane(b.data), blur) / channels;
    }
    return total;
  });
}

function similarity(x: Float64Array, y: Float64Array, blur: (plane: Float64Array) => Float64Array): number {
  const [meanX, meanY] = [blur(x), blur(y)];
  const [xx, yy, xy] = [blur(x.map(v => v * v)), blur(y.map(v => v * v)), blur(x.map((v, i) => v * y[i]!))];
  let sum = 0;
  for (let i = 0; i < meanX.length; i++) {
    const [mx, my] = [meanX[i]!, meanY[i]!];
    const [varianceX, varianceY, covariance] = [xx[i]! - mx * mx, yy[i]! - my * my, xy[i]! - mx * my];
    sum += ((2 * mx * my + c1) * (2 * covariance + c2)) / ((mx * mx + my * my + c1) * (varianceX + varianceY + c2));
  }
  return sum / meanX.length;
}

/** Weighted means under the window at every place where it fits, by one pass along each axis. */
function blurOf(height: number, width: number): (plane: Float64Array) => Float64Array {
  const [down, across] = [weights(height), weights(width)];
  const [rows, columns] = [height - down.length + 1, width - across.length + 1];
  const between = new Float64Array(height * columns);
  return plane => {
    for (let r = 0; r < height; r++) {
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let k = 0; k < across.length; k++) sum += across[k]! * plane[r * width + c + k]!;
        between[r * columns + c] = sum;
      }
    }
    const out = new Float64Array(rows * columns);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let k = 0; k < down.length; k++) sum += down[k]! * between[(r + k) * columns + c]!;
        out[r * columns + c] = sum;
      }
    }
    return out;
  };
}
