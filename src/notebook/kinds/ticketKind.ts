import { firstDifference, type Arrays, get } from '../../array.js';
import { maskPicture } from '../../figure/maskPicture.js';
import { applyMask } from '../../mask.js';
import { parameters, prunable } from '../../model/shapes.js';
import { isPlainObject } from '../../ticket/canonicalJson.js';
import type { Origin, Ticket } from '../../ticket/ticket.js';
import { ticketHash } from '../../ticket/ticketHash.js';
import type { MimeBundle } from '../display.js';
import { tableHtml, tableText } from '../tableText.js';
import { architectureLine, isArchitecture } from './architectureKind.js';
import type { Kind } from './kind.js';
import { isMask, keptLine, layerRows } from './maskKind.js';
import { pictureHtml } from './pictureHtml.js';

/** A ticket: what it is made of, where it came from, what can be certified of it by itself, density by layer and its mask. */
export const ticketKind: Kind<Ticket> = { is: isTicket, bundle: ticketBundle };

function isTicket(value: unknown): value is Ticket {
  if (!isPlainObject(value) || !isArchitecture(value['architecture']) || !isOrigin(value['origin'])) return false;
  const { mask, weights } = value;
  const isWeights =
    isPlainObject(weights) && Object.values(weights).every((array) => isPlainObject(array) && array['values'] instanceof Float32Array);
  return isWeights && (isMask(mask) || (isPlainObject(mask) && Object.keys(mask).length === 0));
}

function isOrigin(value: unknown): value is Origin {
  if (!isPlainObject(value) || typeof value['operator'] !== 'string' || !isPlainObject(value['options'])) return false;
  return value['parent'] === null || typeof value['parent'] === 'string';
}

async function ticketBundle(ticket: Ticket): Promise<MimeBundle> {
  const { architecture, mask, origin } = ticket;
  const options = Object.entries(origin.options).map(([name, option]) => `${name} ${String(option)}`);
  const facts = {
    columns: ['', ''],
    rows: [
      ['ticket', ticketHash(ticket)],
      ['architecture', architectureLine(architecture)],
      ['mask', keptLine(mask)],
      ['origin', [origin.operator, ...options].join(', ')],
      ['parent', origin.parent ?? 'none: initialised'],
      ...certificate(ticket),
    ],
  };
  const layers = layerRows(mask);
  return {
    'text/html': `${tableHtml(facts)}\n${tableHtml(layers)}\n${await pictureHtml(maskPicture(mask), `Mask: ${keptLine(mask)}`)}`,
    'text/plain': `${tableText(facts).trimStart()}\n\n${tableText(layers)}`,
  };
}

/** What holds of the ticket as it is; its training is certified by the run (`readCertificate`). */
function certificate({ architecture, mask, weights }: Ticket): string[][] {
  const wanted = prunable(architecture).map(({ name }) => name);
  const fits =
    wanted.length === Object.keys(mask).length &&
    wanted.every((name) => Object.hasOwn(mask, name)) &&
    parameters(architecture).every(({ name, shape }) => sameSize(weights, name, shape));
  const known = Object.fromEntries(Object.entries(mask).filter(([name]) => Object.hasOwn(weights, name)));
  const broken = fits ? firstDifference(applyMask(weights, known), weights) : undefined;
  return [
    ['mask and weights', fits ? 'fit the architecture' : 'do not fit the architecture'],
    ['pruned weights', fits ? (broken === undefined ? 'are exactly 0' : `are not all 0 in ${broken}`) : 'not checked'],
  ];
}

function sameSize(weights: Arrays, name: string, shape: readonly number[]): boolean {
  return Object.hasOwn(weights, name) && get(weights, name).values.length === shape.reduce((a, b) => a * b, 1);
}
