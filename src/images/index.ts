// Pictures of what models see and make: image files as pixels, PNG files, grids, terminal previews and charts.

export { type AnimationOptions, encodeGif, encodeWebp } from './animation.ts';
export { captioned } from './captions.ts';
export { decodeImage, type ImageFormat, imageSize, readImage } from './decode.ts';
export { type FigureOptions, figure } from './figure.ts';
export { type GridOptions, imageGrid, pairGrid, variantGrid } from './grid.ts';
export { type Histogram, histogram } from './histogram.ts';
export { type LineChart, lineChart, type Series } from './line-chart.ts';
export { type Picture, picturesOf } from './picture.ts';
export { decodePng, encodePng } from './png.ts';
export { halfBlocks, type PreviewOptions } from './preview.ts';
export { renderPng } from './render.ts';
export { type Scatter, scatterChart } from './scatter.ts';
export { type ScatterPage, scatterPage } from './scatter-page.ts';
export { chartColors, type Drawing, toSvg } from './svg.ts';
