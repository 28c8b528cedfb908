// Codes of several levels: the levels' codes one after another, the top level first, each level's distribution normal
// given the levels above. Posterior and prior of such codes are both chains of that kind and share the network that leads
// down from level to level (Sønderby et al. 2016, "Ladder Variational Autoencoders", section 2).

import { type Normal, normal } from '../../distributions/index.ts';
import { constant, type Dim, type Tensor } from '../../graph/index.ts';
import { buildNetwork, dense, relu, type Scope } from '../../nn/index.ts';
import { asTensor, broadcastTo, concat, slice } from '../../ops/index.ts';
import { linearHeads } from './heads.ts';

/** One level of a code. */
export interface Level {
  /** Dimensions of its code. */
  readonly latent: number;
  /** Units of the layers that lead to it: from the features of the level below, and from the codes of the levels above. */
  readonly hidden: number;
}

/** A level's normal [rows, latent], given the codes of the levels above it: [rows, their dimensions], none at the top. */
type Link = (above: Tensor | undefined, rows: Dim) => Normal;

/** The levels of a code, the top one first: dimensions and normal of each. */
export type Links = readonly (readonly [width: number, link: Link])[];

/** A distribution over codes, level by level. */
interface Chain {
  /** The normal of each dimension, given the levels above that are in the code z [rows, latent]: [rows, latent]. */
  conditional(z: Tensor): Normal;
  /** A code made from the top level down, of normal noise [rows, latent]. */
  sample(noise: Tensor): Tensor;
  /** The code each of whose levels is its mean, given those above: [rows, latent]. */
  mean(rows: Dim): Tensor;
}

/** The distribution of codes of these levels. */
export function chain(links: Links): Chain {
  const known = new Map<Tensor, Normal>();
  /** Goes down the levels, with the code that is chosen for each; each level's normal is given those chosen above it. */
  const descend = (rows: Dim, choose: (part: Normal, start: number, end: number) => Tensor): [Tensor, Normal] => {
    const normals: Normal[] = [];
    let code: Tensor | undefined;
    let start = 0;
    for (const [width, link] of links) {
      const part = link(code, rows);
      const chosen = choose(part, start, start + width);
      normals.push(part);
      code = code ? concat([code, chosen], 1) : chosen;
      start += width;
    }
    return [code!, joined(normals)];
  };
  const make = (...how: Parameters<typeof descend>): Tensor => {
    const [code, distribution] = descend(...how);
    known.set(code, distribution);
    return code;
  };
  return {
    conditional(z) {
      const distribution = known.get(z) ?? descend(z.shape[0]!, (_, start, end) => slice(z, 1, start, end))[1];
      known.set(z, distribution);
      return distribution;
    },
    sample: noise => make(noise.shape[0]!, (part, start, end) => part.sample(slice(noise, 1, start, end))),
    mean: rows => make(rows, part => part.mean),
  };
}

function joined(normals: readonly Normal[]): Normal {
  const all = (of: (part: Normal) => Tensor): Tensor =>
    normals.length === 1 ? of(normals[0]!) : concat(normals.map(of), 1);
  return normal(
    all(part => part.mean),
    { logVar: all(part => asTensor(part.logVar)) },
  );
}

/**
 * The prior's normals, the top level first: N(0, I) at the top, below it one hidden layer upon all codes above.
 * @param levels bottom to top.
 */
export function topDown(levels: readonly Level[], scope: Scope): Links {
  return levels
    .map(({ latent, hidden }, i): readonly [number, Link] => [
      latent,
      (above, rows) => {
        if (above === undefined) {
          const zero = broadcastTo(constant([0], [1, 1]), [rows, latent]);
          return normal(zero, { logVar: zero });
        }
        const own = scope.child(`topDown.${i}`);
        const units = buildNetwork([dense(hidden), relu()], above, { name: 'network', scope: own });
        const [mean, logVar] = linearHeads(units, [latent, latent], latent, own) as [Tensor, Tensor];
        return normal(mean, { logVar });
      },
    ])
    .toReversed();
}
