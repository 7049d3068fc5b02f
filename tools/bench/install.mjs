/** The peers' Python. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { torchPython } from '../setup/torchPython.mjs';

export const peersFolder = join(dirname(fileURLToPath(import.meta.url)), 'peers');

/**
 * The Python that holds PyTorch and JAX, installed if wished.
 * @returns `{ python }`, or `{ missing }`: a sentence that says what is missing and what to do
 */
export function peersPython({ install, say }) {
  const remedy = 'the benchmark goes on without them; leave out --no-install to install them';
  return torchPython({
    ...{ name: 'peers', what: 'PyTorch and JAX', remedy, requirements: join(peersFolder, 'requirements.txt') },
    ...{ install, say },
  });
}
