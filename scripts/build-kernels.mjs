// Compiles the AssemblyScript kernels to WebAssembly and writes them into the sources as base64: no file has to be found
// or fetched at run time, in Node or in a browser. Does nothing where the result is newer than what it is made of.

import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'src', 'kernels', 'assembly');
const output = join(root, 'src', 'kernels', 'wasm.generated.ts');

const inputs = [fileURLToPath(import.meta.url), ...readdirSync(sources).map(name => join(sources, name))];
const built = statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (inputs.every(path => statSync(path).mtimeMs < built)) {
  console.log('kernels: up to date');
} else {
  await build();
}

async function build() {
  // Here and not above: loading the compiler takes longer than finding that there is nothing to compile.
  const { main } = await import('assemblyscript/asc');
  const entry = ['src/kernels/assembly/index.ts', '--baseDir', root, '--outFile', 'kernels.wasm'];
  const options = ['--runtime', 'stub', '--enable', 'simd', '--importMemory', '--optimizeLevel', '3', '--noAssert'];
  const files = new Map();
  const { error, stderr } = await main([...entry, ...options], {
    writeFile: (name, contents) => files.set(name, contents),
  });
  if (error) throw new Error(`the kernels do not compile\n${stderr.toString()}`, { cause: error });
  const bytes = Buffer.from(files.get('kernels.wasm'));
  writeFileSync(
    output,
    `// Written by scripts/build-kernels.mjs from src/kernels/assembly; not to be edited.\n\n` +
      `/** The kernels' WebAssembly module, ${bytes.length} bytes in base64. */\n` +
      `export const wasmBase64: string =\n  '${bytes.toString('base64')}';\n`,
  );
  console.log(`kernels: ${bytes.length} bytes`);
}
