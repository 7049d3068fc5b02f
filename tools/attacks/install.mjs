/** The Python with torchattacks. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { torchPython } from '../setup/torchPython.mjs';

const folder = dirname(fileURLToPath(import.meta.url));

/**
 * The Python that holds PyTorch and torchattacks, installed if wished.
 * @returns `{ python }`, or `{ missing }`: a sentence that says what is missing and what to do
 */
export function attacksPython({ install, say }) {
  return torchPython({
    ...{ name: 'torchattacks', what: 'PyTorch and torchattacks', remedy: 'npm run attacks installs them and compares' },
    ...{ requirements: join(folder, 'requirements.txt'), install, say },
  });
}
