import { describe, expect, it } from 'vitest';
import { didYouMean, editDistance, nearest } from './suggest.ts';

describe('suggest', () => {
  it('counts insertions, deletions, substitutions and swaps as one each', () => {
    expect(editDistance('mnist', 'mnist')).toBe(0);
    expect(editDistance('mnist', 'mnst')).toBe(1);
    expect(editDistance('mnist', 'mmnist')).toBe(1);
    expect(editDistance('mnist', 'mnisk')).toBe(1);
    expect(editDistance('mnist', 'nmist')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });

  it('finds the nearest name, whatever its case, and nothing where nothing is near', () => {
    expect(nearest('MINST', ['cifar', 'mnist', 'fashion-mnist'])).toBe('mnist');
    expect(nearest('fashon_mnist', ['mnist', 'fashion-mnist'])).toBe('fashion-mnist');
    expect(nearest('imagenet', ['mnist', 'fashion-mnist'])).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
  });

  it('phrases the end of an error', () => {
    expect(didYouMean('mnit', ['mnist'])).toBe(' Did you mean "mnist"?');
    expect(didYouMean('zzz', ['mnist'])).toBe('');
  });
});
