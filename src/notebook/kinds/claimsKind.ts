import { type Claim, heldWord } from '../../analysis/claim.js';
import { claimsSentence } from '../../analysis/juvenileClaims.js';
import { isPlainObject } from '../../ticket/canonicalJson.js';
import type { MimeBundle } from '../display.js';
import { tableHtml } from '../tableText.js';
import type { Kind } from './kind.js';

/** Claims with their verdicts and the numbers behind them. */
export const claimsKind: Kind<readonly Claim[]> = {
  is: (value): value is readonly Claim[] => Array.isArray(value) && value.length > 0 && value.every(isClaim),
  bundle: claimsBundle,
};

function isClaim(value: unknown): boolean {
  if (!isPlainObject(value) || !Array.isArray(value['parts'])) return false;
  const isText = ['id', 'claim', 'sentence', 'reading'].every((name) => typeof value[name] === 'string');
  return isText && [true, false, 'undecided'].includes(value['held'] as boolean);
}

const sign = { true: '✓', false: '✗', undecided: '?' } as const;

function claimsBundle(claims: readonly Claim[]): MimeBundle {
  const rows = claims.flatMap(({ id, claim, held, parts, reading }) => [
    [id, `${sign[`${held}`]} ${heldWord(held)}`, `${claim}.`],
    ...parts.map(({ sentence }) => ['', '', `– ${sentence}.`]),
    ...(reading === '' ? [] : [['', '', reading]]),
  ]);
  const lines = rows.map(([id, verdict, text]) => (verdict === '' ? `  ${text}` : `${id}: ${verdict}. ${text}`));
  return {
    'text/html': tableHtml({ columns: ['', 'verdict', 'claim and what was measured'], rows }),
    'text/plain': [...lines, claimsSentence(claims)].join('\n'),
  };
}
