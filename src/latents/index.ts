// Latent space: ways through it, directions in it, who is near whom, and maps of it.

export { type Axis, attributeDirection, centreOf, dimensionAxes, principalAxes } from './directions.ts';
export {
  type Neighbours,
  nearestNeighbours,
  nearPairs,
  type Pair,
  type Points,
  pointsOf,
  type Stream,
  streamOf,
} from './neighbours.ts';
export { type Projected, type Projection, project, projections } from './projection.ts';
export { slerpFirst } from './slerp.ts';
export { heldOn, numbersOf, onSphere } from './space.ts';
export { closedWalk, type WalkSpace } from './walk.ts';
