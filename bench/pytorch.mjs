// Finds a Python that has PyTorch, and the settings with which it is fastest here.

import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/**
 * The first Python that has PyTorch ($PYTHON first), with the environment in which it is fastest.
 *
 * @param measure a command and an environment to the speed of some work
 * @param threads so many cores are used
 * @returns undefined where there is none
 */
export function findPyTorch(measure, threads = availableParallelism()) {
  const pythons = [process.env.PYTHON, 'python3', '/usr/bin/python3', 'python'].filter(Boolean);
  const command = pythons.find(python => spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0);
  if (command === undefined) {
    console.log('pytorch: no Python here has it; left out');
    return undefined;
  }
  const measured = settings(threads).map(({ env, note }) => {
    const speed = measure(command, env);
    console.log(`pytorch with ${note}: ${Math.round(speed)}/s`);
    return { command, env, note, speed };
  });
  return measured.reduce((a, b) => (b.speed > a.speed ? b : a));
}

/**
 * Which of the two thread pools should have the cores depends on how PyTorch was built; both at once only get in the way.
 * And an OpenBLAS that is older than the processor falls back on its slowest kernels, unless it is told better ones.
 */
function settings(threads) {
  const pools = [...new Set([`${threads}/1`, `1/${threads}`])];
  return pools.flatMap(pool =>
    ['', 'Haswell', 'SkylakeX'].map(kernels => {
      const [omp, blas] = pool.split('/');
      const coretype = kernels && { OPENBLAS_CORETYPE: kernels };
      return {
        env: { OMP_NUM_THREADS: omp, OPENBLAS_NUM_THREADS: blas, MKL_NUM_THREADS: omp, ...coretype },
        note: `threads OMP/BLAS ${pool}${kernels && `, OpenBLAS kernels ${kernels}`}`,
      };
    }),
  );
}
