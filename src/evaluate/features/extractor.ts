// Images to features, by the classifier as it was trained: its parameters ship with the package.

import { graph, input } from '../../graph/index.ts';
import { RootScope } from '../../nn/index.ts';
import {
  float32,
  type HostTensor,
  layoutOf,
  type ParameterViews,
  type Program,
  type Runtime,
  viewsOf,
} from '../../runtime/index.ts';
import { sha256Hex } from '../../sha256.ts';
import { classifier, featureWidth, toDigits } from './network.ts';

/** Points of one space, [rows, width] laid flat. */
export interface Points {
  readonly width: number;
  readonly values: Float32Array;
}

/** The classifier of MNIST's digits, for images of one shape. */
export class FeatureExtractor {
  /** `mnist-features:` and the first eight digits of the parameters' SHA-256: only what has the same name compares. */
  readonly name: string;
  readonly #program: Program;
  readonly #parameters: ParameterViews;

  private constructor(name: string, program: Program, parameters: ParameterViews) {
    this.name = name;
    this.#program = program;
    this.#parameters = parameters;
  }

  /** @param shape of an image: [height, width, 1 or 3]. */
  static async open(shape: readonly number[], runtime: Runtime): Promise<FeatureExtractor> {
    // Here and not above: who compares no images loads no weights.
    const { scales, valuesBase64 } = await import('./weights.generated.ts');
    const scope = new RootScope({ training: false });
    const outputs = classifier(toDigits(input('images', ['N', ...shape])), scope);
    const layout = layoutOf(scope.parameters);
    const parameters = viewsOf(layout, new Float32Array(layout.length));
    const bytes = Int8Array.from(atob(valuesBase64), c => c.charCodeAt(0));
    let next = 0;
    layout.entries.forEach(({ name, size }, i) => {
      const { data } = parameters[name]!;
      for (let j = 0; j < size; j++) data[j] = bytes[next++]! * scales[i]!;
    });
    const name = `mnist-features:${sha256Hex(`${scales} ${valuesBase64}`).slice(0, 8)}`;
    return new FeatureExtractor(name, await runtime.compile(graph(outputs)), parameters);
  }

  /**
   * The features of images [n, height, width, channels] in [0, 1], and the logits of the ten digits, [n, 10].
   *
   * @param n not so large that the activations of all do not fit in memory at once: thousands.
   */
  async run(images: HostTensor<'float32'>): Promise<{ readonly features: Points; readonly logits: Points }> {
    const rows = images.shape[0] ?? 0;
    const features = float32(new Float32Array(rows * featureWidth), [rows, featureWidth]);
    const logits = float32(new Float32Array(rows * 10), [rows, 10]);
    await this.#program.run({ ...this.#parameters, images }, { features, logits });
    return { features: { width: featureWidth, values: features.data }, logits: { width: 10, values: logits.data } };
  }

  async dispose(): Promise<void> {
    await this.#program.dispose();
  }
}
