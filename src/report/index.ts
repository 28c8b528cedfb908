// Reports as single HTML files.

export { type Contribution, type DetectionReport, detectionReport, type Example } from './detection.ts';
export { heatMap } from './heat-map.ts';
export { type Html, html, inlinePng, inlineSvg, page } from './page.ts';
