// `npm run bench -- NAME`: runs one of the benchmarks; each file says what it measures.

const benchmarks = {
  train: ['training speed beside other frameworks (--help for options)', () => import('./train.mjs')],
  parity: ["−log p(x) of VAE and IWAE beside PyTorch's, trained alike", () => import('./parity.mjs')],
  quick: ['presets relative to mlp, and −log p(x) relative to PyTorch', () => import('./quick.mjs')],
  reproduce: ['published figures beside ours (--budget MINUTES for a shortened run)', () => import('./reproduce.mjs')],
  calibration: ["whether a detector's p-values and false alarms are what they say", () => import('./calibration.mjs')],
  complete: [
    'MNIST with the lower half hidden, beside one pass and nearest neighbours',
    () => import('./complete.mjs'),
  ],
  compress: ['lossless compression of MNIST beside the bound and general compressors', () => import('./compress.mjs')],
  denoise: ['noisy MNIST restored, beside classical filters', () => import('./denoise.mjs')],
  detect: ['anomaly detection on tables and images beside classical detectors', () => import('./detect.mjs')],
  emoji: ['emoji of one vendor redrawn in the style of another', () => import('./emoji.mjs')],
  scale: ['training on a CSV of 5 million rows, and on 100,000 image files', () => import('./scale.mjs')],
  style: ['digits redrawn as others: the wished digit, thickness and slant kept', () => import('./style.mjs')],
  synthesise: ['made-up rows of four tables, and missing values filled in', () => import('./synthesise.mjs')],
  memory: ['resident memory over 20 epochs', () => import('./memory.mjs')],
  'denoise-audio': [
    'noise taken out of speech, beside spectral subtraction and Wiener filtering',
    () => import('./denoise-audio.mjs'),
  ],
};

const [, run] = benchmarks[process.argv[2]] ?? [];
if (run === undefined) {
  console.log('Usage: npm run bench -- NAME [options]\n');
  for (const [name, [summary]] of Object.entries(benchmarks)) console.log(`  ${name.padEnd(10)} ${summary}`);
  process.exitCode = process.argv[2] === undefined || process.argv[2] === '--help' ? 0 : 1;
} else {
  await run();
}
