// `npm run bench -- NAME`: runs one of the benchmarks; each file says what it measures.

const benchmarks = {
  train: ['./train.mjs', 'training speed beside other frameworks (--help for options)'],
  memory: ['./memory.mjs', 'resident memory over 20 epochs'],
};

const chosen = benchmarks[process.argv[2]];
if (chosen === undefined) {
  console.log('Usage: npm run bench -- NAME [options]\n');
  for (const [name, [, summary]] of Object.entries(benchmarks)) console.log(`  ${name.padEnd(8)} ${summary}`);
  process.exitCode = process.argv[2] === undefined || process.argv[2] === '--help' ? 0 : 1;
} else {
  await import(chosen[0]);
}
