// Images to features, by the classifier as it was trained: its parameters ship with the package.

import { graph, input, type ParameterAttributes } from '../../graph/index.ts';
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

/** The network from images to features. */
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
    const scope = new RootScope({ training: false });
    const { features } = classifier(toDigits(input('images', ['N', ...shape])), scope);
    const { name, parameters } = await trainedParameters(scope.parameters);
    return new FeatureExtractor(name, await runtime.compile(graph({ features })), parameters);
  }

  /** The features of images [n, height, width, channels] on the scale of [0, 1]; all of them in one run. */
  async run(images: HostTensor<'float32'>): Promise<Points> {
    const rows = images.shape[0] ?? 0;
    const features = float32(new Float32Array(rows * featureWidth), [rows, featureWidth]);
    await this.#program.run({ ...this.#parameters, images }, { features });
    return { width: featureWidth, values: features.data };
  }

  async dispose(): Promise<void> {
    await this.#program.dispose();
  }
}

/** The parameters that ship, by name, and the name of all. */
export async function trainedParameters(
  attributes: readonly ParameterAttributes[],
): Promise<{ readonly name: string; readonly parameters: ParameterViews }> {
  // Here and not above: who compares no images loads no weights.
  const { scales, valuesBase64 } = await import('./weights.generated.ts');
  const layout = layoutOf(attributes);
  const parameters = viewsOf(layout, new Float32Array(layout.length));
  const bytes = Int8Array.from(atob(valuesBase64), character => character.charCodeAt(0));
  let next = 0;
  layout.entries.forEach(({ name, size }, i) => {
    const { data } = parameters[name]!;
    for (let j = 0; j < size; j++) data[j] = bytes[next++]! * scales[i]!;
  });
  return { name: `mnist-features:${sha256Hex(`${scales} ${valuesBase64}`).slice(0, 8)}`, parameters };
}
