import { missing } from '../check.js';
import type { Derivatives, Evidence } from './criterion.js';

/** The derivatives that the criterion of that name needs. @throws UserError if the evidence has none */
export function derivativesOf({ derivatives }: Evidence, criterion: string): Derivatives {
  if (derivatives === undefined) {
    throw missing(`derivatives for the criterion '${criterion}'`, 'give the evidence the derivatives of the network and its data');
  }
  return derivatives;
}
