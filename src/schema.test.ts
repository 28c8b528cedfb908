import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LatentkitError } from './errors.ts';
import { anyOf, parseSpec } from './schema.ts';

interface Square {
  readonly type: 'square';
  readonly side: number | 'fit';
}
interface Circle {
  readonly type: 'circle';
  readonly radius: number;
}
const shapes = anyOf<Square | Circle>({
  square: {
    schema: z.strictObject({ type: z.literal('square'), side: z.union([z.int().min(1), z.literal('fit')]) }),
  },
  circle: { schema: z.strictObject({ type: z.literal('circle'), radius: z.number().gt(0).lt(10) }) },
});
const drawing = z.strictObject({
  paper: z.enum(['white', 'black']),
  shapes: z.array(shapes),
  frame: z.union([z.literal('none'), z.strictObject({ width: z.number() })]).optional(),
  tags: z.array(z.string()).min(2).max(3).optional(),
});

const good = { paper: 'white', shapes: [{ type: 'circle', radius: 1 }] };

function fault(value: unknown): string {
  try {
    parseSpec(drawing, value, 'drawing');
  } catch (error) {
    if (error instanceof LatentkitError && error.code === 'spec') return error.message;
    throw error;
  }
  throw new Error('expected a fault');
}

describe('parseSpec', () => {
  it('returns what is valid', () => {
    expect(parseSpec(drawing, good, 'drawing')).toEqual(good);
  });

  it.each([
    [{ ...good, papr: 'x' }, 'drawing: unknown field "papr". Did you mean "paper"?'],
    [{ ...good, qqqqq: 1 }, 'drawing: unknown field "qqqqq". Expected one of: paper, shapes, frame, tags.'],
    [{ shapes: [] }, 'drawing: paper: is missing; expected one of: white, black.'],
    [{ ...good, paper: 'whit' }, 'drawing: paper: expected one of: white, black, got "whit". Did you mean "white"?'],
    [{ paper: 'white' }, 'drawing: shapes: is missing; expected a list.'],
    [
      { ...good, shapes: [{ type: 'cirle', radius: 1 }] },
      'drawing: shapes[0].type: expected one of: square, circle, got "cirle". Did you mean "circle"?',
    ],
    [{ ...good, shapes: [{ radius: 1 }] }, 'drawing: shapes[0].type: is missing; expected one of: square, circle.'],
    [{ ...good, shapes: [7] }, 'drawing: shapes[0]: expected an object, got 7.'],
    [
      { ...good, shapes: [{ type: 'circle', radius: 1, diameter: 2 }] },
      'drawing: shapes[0]: unknown field "diameter". Expected one of: type, radius.',
    ],
    [
      { ...good, shapes: [{ type: 'square', side: 'fill' }] },
      'drawing: shapes[0].side: expected a number or "fit", got "fill".',
    ],
    [
      { ...good, shapes: [{ type: 'square', side: 1.5 }] },
      'drawing: shapes[0].side: expected a whole number or "fit", got 1.5.',
    ],
    [{ ...good, shapes: [{ type: 'square', side: 0 }] }, 'drawing: shapes[0].side: expected at least 1, got 0.'],
    [
      { ...good, shapes: [{ type: 'circle', radius: 10 }] },
      'drawing: shapes[0].radius: expected less than 10, got 10.',
    ],
    [
      { ...good, frame: { widht: 1 } },
      /^drawing: frame\.width: is missing; expected a number\. drawing: frame: unknown field "widht"\. Did you mean "width"\?$/,
    ],
    [{ ...good, frame: 'nome' }, 'drawing: frame: expected "none" or an object, got "nome". Did you mean "none"?'],
    [{ ...good, frame: 3 }, 'drawing: frame: expected "none" or an object, got 3.'],
    [{ ...good, tags: ['a'] }, 'drawing: tags: expected a list of at least 2 elements, got ["a"].'],
    [null, 'drawing: expected an object, got null.'],
    [undefined, 'drawing: is missing; expected an object.'],
  ])('says what is wrong with %j', (value, message) => {
    if (typeof message === 'string') expect(fault(value)).toBe(message);
    else expect(fault(value)).toMatch(message);
  });

  it('names every fault at once', () => {
    expect(fault({ paper: 1, shapes: 2 })).toBe(
      'drawing: paper: expected one of: white, black, got 1. drawing: shapes: expected a list, got 2.',
    );
  });
});
