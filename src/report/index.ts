// Reports as single HTML files.

export { type DetectionReport, detectionReport, type Example } from './detection.ts';
export { heatMap } from './heat-map.ts';
