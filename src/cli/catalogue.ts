// The named models as the table of presets has them: what `latentkit models` lists, and docs/models.md, which the test
// beside this file writes anew (`npx vitest run src/cli/catalogue.test.ts -u`).

import { type ModelSpec, presets } from '../models/index.ts';

/** A named model. */
export interface CatalogueEntry {
  readonly name: string;
  readonly summary: string;
  readonly paper: string;
  /** The parts that it chooses, with what is set of them. */
  readonly parts: Readonly<Record<'likelihood' | 'posterior' | 'prior' | 'objective', string>> & {
    readonly sampler?: string;
  };
  readonly latent: number;
  readonly layers: { readonly encoder: number; readonly decoder: number };
}

/** All named models, in the order of the table. */
export function catalogue(): CatalogueEntry[] {
  return Object.values(presets).map(preset => {
    const { likelihood, posterior, prior, objective, sampler, latent, encoder, decoder }: ModelSpec = preset.build();
    return {
      name: preset.name,
      summary: preset.summary,
      paper: preset.paper,
      parts: {
        likelihood: described(likelihood),
        posterior: described(posterior),
        prior: described(prior),
        objective: described(objective),
        ...(sampler && { sampler: described(sampler) }),
      },
      latent,
      layers: { encoder: encoder.length, decoder: decoder.length },
    };
  });
}

/** `infoVae (kernel: imq)`: a part's type, and what else its spec says. */
function described({ type, ...rest }: { readonly type: string }): string {
  const fields = Object.entries(rest).map(([name, value]) => `${name}: ${plain(value)}`);
  return fields.length === 0 ? type : `${type} (${fields.join(', ')})`;
}

function plain(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.map(plain).join('/');
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${plain(inner)}`)
    .join(' ');
}

/** The catalogue as Markdown. */
export function catalogueMarkdown(): string {
  const entries = catalogue().map(({ name, summary, paper, parts, latent }) => {
    const rows = Object.entries({ ...parts, latents: latent }).map(([part, value]) => `| ${part} | ${value} |\n`);
    const linked = paper.replace(/https?:\/\/[^\s,;)]+/g, '<$&>');
    return `## ${name}\n\n${summary[0]!.toUpperCase()}${summary.slice(1)}.\n\n${linked}\n\n| part | choice |\n| --- | --- |\n${rows.join('')}`;
  });
  return `# Named models

A named model only chooses parts; any other choice of parts that the schema allows is a model as well. Each is trained by
\`latentkit train mnist --model NAME\`, or built by \`presets['NAME'].build(options)\`. Each takes the layers of another
network as well: \`--network conv\`, or \`build({ network: 'conv' })\`. The parts below are those for 28×28 grey images, of
\`table\` for a column of each kind, and no options. This file is made of the table of presets; do not edit it.

${entries.join('\n')}`;
}
