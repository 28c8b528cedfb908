// What the doctor of training writes down: at each epoch what it measured and said, and in the checkpoint what it must
// not forget.

import type { Objective } from '../models/index.ts';

/** What is measured at an epoch's end: of codes and reconstructions on some validation rows, of the steps since the last. */
export interface Vitals {
  /** The validation rows looked at. */
  readonly rows: number;
  /** Var_x(E[z|x]) of each dimension of the code; a dimension above 0.01 is active (Burda et al. 2016). */
  readonly meanVariances: readonly number[];
  /** KL(q(zⱼ|x) ‖ N(0, 1)) of each dimension in nats, where that is the prior and the posterior a diagonal Gaussian. */
  readonly klPerDimension?: readonly number[] | undefined;
  /** The 1st and the 99th percentile of the posterior's log-variances, of a flow before its maps. */
  readonly logVar?: readonly [low: number, high: number] | undefined;
  /** The likelihood's learned log-variance, where it has one for all dimensions; of a scale, twice its logarithm. */
  readonly likelihoodLogVar?: number | undefined;
  /** The share of the data's variance that decoding the posterior's mean explains: 1 − Σ(x − x̂)² / Σ(x − x̄)². */
  readonly explained?: number | undefined;
  /** What of that share is lost when each row gets another row's code. */
  readonly lostBySwap?: number | undefined;
  /** Norm of the batch's mean gradient before clipping, over some of the steps: the geometric mean, and the largest. */
  readonly gradientNorm?: { readonly typical: number; readonly largest: number } | undefined;
  /** Steps whose loss leapt out of the course of the others. */
  readonly spikes: number;
  /** How often training had to go back in this epoch. */
  readonly rollbacks: number;
}

/** What a run was changed in, in the middle of its training. */
export interface Treatment {
  readonly diagnosis: string;
  /** The epoch after which it holds, and its last step, from which the objective's courses start anew. */
  readonly epoch: number;
  readonly step: number;
  /** Fields of the objective, which is the bound. */
  readonly objective?: Partial<Extract<Objective, { readonly type: 'elbo' }>>;
  /** Fields of the optimiser. */
  readonly optimizer?: { readonly learningRate?: number; readonly clipNorm?: number };
  /** Whether the parameters went back to those at the end of the epoch before. */
  readonly restored: boolean;
}

/** What the doctor says at the end of an epoch: each thing once, and once that it is over. */
export interface DoctorNote {
  /** A name for programs, such as `posteriorCollapse`. */
  readonly diagnosis: string;
  /** The same for people. */
  readonly title: string;
  readonly status: 'found' | 'resolved';
  /** `notice` where it may well be wanted. */
  readonly severity: 'warning' | 'notice';
  readonly epoch: number;
  /** What is seen, in a sentence; `evidence` has its figures. */
  readonly seen: string;
  readonly evidence: Readonly<Record<string, number>>;
  /** Why it comes to that, in a sentence; empty of what is over. */
  readonly why: string;
  /** Options that mend it, as on the command line. */
  readonly mends: readonly string[];
  /** What was done about it. */
  readonly treatment?: Treatment | undefined;
  /** Why nothing was, where that was asked for. */
  readonly untreated?: string | undefined;
}

/** Statistics of the steps, kept as they pass. */
export interface Pulse {
  /** Running means of the loss and of its distance from that, in nats; null before the first step. */
  readonly level: number | null;
  readonly spread: number;
  /** In the epoch under way: steps that leapt, and what was seen of gradient norms. */
  readonly spikes: number;
  readonly norms: { readonly count: number; readonly logSum: number; readonly largest: number };
}

/** What of the doctor's mind is part of the training's state. */
export interface DoctorState {
  readonly pulse: Pulse;
  /** Diagnoses that held at the last examination, and those that were told and not yet taken back. */
  readonly seen: readonly string[];
  readonly told: readonly string[];
  readonly treatments: readonly Treatment[];
}

/** A note as people read it, a sentence for each thing. */
export function noteSentences(note: DoctorNote): string[] {
  const { status, title, seen, why, mends, treatment, untreated } = note;
  if (status === 'resolved') return [`${capital(title)} is over: ${seen}.`];
  const mended = treatment && `Mended after epoch ${treatment.epoch}: ${treatmentText(treatment)}.`;
  const advice = mends.length === 0 ? undefined : `To mend it: ${mends.join(', or ')}.`;
  const after = mended ?? (untreated === undefined ? advice : `Nothing was changed: ${untreated}.`);
  return [`${capital(title)}: ${seen}.`, `${capital(why)}.`, ...(after === undefined ? [] : [after])];
}

/** A treatment in a few words: `KL warmup of 9 epochs, free bits 0.1`. */
function treatmentText({ objective, optimizer, restored }: Treatment): string {
  const changes = Object.entries({ ...objective, ...optimizer }).map(([name, value]) => {
    const words = name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`).replace(/^kl\b/, 'KL');
    if (typeof value !== 'object') return `${words} ${value}`;
    const lengths = Object.entries(value).map(([units, length]) =>
      length === 1 ? `1 ${units.replace(/s$/, '')}` : `${length} ${units}`,
    );
    return `${words} of ${lengths.join(', ')}`;
  });
  return [...changes, ...(restored ? ['from the parameters of the epoch before'] : [])].join(', ');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
