/** NEOTENY_BACKEND before anything is started. */
import { lookUp } from '../../check.js';

const backends = { native: true, wasm: true, cpu: true };

/** @throws UserError if the environment names a backend that there is not */
export function checkBackend(name: string | undefined = process.env['NEOTENY_BACKEND']): void {
  if (name !== undefined && name !== '') lookUp('backend in NEOTENY_BACKEND', name, backends);
}
