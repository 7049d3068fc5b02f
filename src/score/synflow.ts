import { mapArrays } from '../array.js';
import { applyMask } from '../mask.js';
import { combine } from './combine.js';
import type { Criterion } from './criterion.js';
import { derivativesOf } from './derivativesOf.js';

/**
 * |w dR/dw|, where R sums the outputs of the network with weights |w| for an input of ones: no data are used. SynFlow, Tanaka et al.
 * 2020 (arXiv:2006.05467). In a network of dense and convolutional layers without biases the scores of each layer sum to R.
 * This is one pass; the paper's procedure repeats it 100 times while the mask shrinks: `synflowPrune`. Cost: one gradient.
 */
export const synflow: Criterion = {
  summary: '|w dR/dw|, the flow of ones through |w|, without data',
  source: 'arXiv:2006.05467',
  needs: ['derivatives'],
  score: async (evidence) => {
    const absolute = mapArrays(applyMask(evidence.weights, evidence.mask), Math.abs);
    const flow = await derivativesOf(evidence, 'synflow').synapticFlow(absolute);
    return combine(absolute, flow, 'synaptic flow', (w, r) => Math.abs(w * r));
  },
};
