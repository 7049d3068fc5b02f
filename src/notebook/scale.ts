/** One notebook at three sizes. */
import { lookUp } from '../check.js';

/** `smoke`: seconds, for tests; `preset`: minutes, what the committed outputs show; `paper`: as published, hours. */
export type Scale = 'smoke' | 'preset' | 'paper';

const scales: Readonly<Record<Scale, Scale>> = { smoke: 'smoke', preset: 'preset', paper: 'paper' };

/** The scale that the environment variable NEOTENY_SCALE asks for; `preset` without one. @throws UserError for an unknown name */
export function currentScale(environment: Readonly<Record<string, string | undefined>> = process.env): Scale {
  return lookUp('scale (NEOTENY_SCALE)', environment['NEOTENY_SCALE'] ?? 'preset', scales);
}

/**
 * The choice for the current scale, or for `chosen`.
 *
 * @example scale({ smoke: 1, preset: 5, paper: 20 }, 'paper') // => 20
 * @throws UserError for an unknown scale
 */
export function scale<T>(choices: Readonly<Record<Scale, T>>, chosen: Scale = currentScale()): T {
  return lookUp('scale', chosen, choices);
}
