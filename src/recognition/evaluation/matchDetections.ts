/** Which detections find which objects, in one image and category, by COCO's rules. */

/** One image and category: its detections, surest first, and its objects. */
export interface Candidates {
  /** [detections, objects] row-major. */
  readonly similarity: Float64Array;
  readonly detections: number;
  readonly objects: number;
  /** [objects]: a crowd takes any number of detections. */
  readonly crowd: Uint8Array;
}

/** A detection's fate. */
export const fates = { wrong: 0, right: 1, ignored: 2 } as const;

/**
 * Gives each detection, in turn, the free object that it fits best, if it fits by at least `threshold`. Objects to be ignored come after
 * all others, and what finds one is ignored; so is a detection that finds nothing and is outside the size range.
 * @param ignore [objects]: neither to be found nor to be missed
 * @param outside [detections]: of another size than asked for
 * @returns [detections] of `fates`
 */
export function matchDetections(
  { similarity, detections, objects, crowd }: Candidates,
  threshold: number,
  ignore: Uint8Array,
  outside: Uint8Array,
): Uint8Array {
  const order = [...stableOrder(objects, ignore)];
  const taken = new Uint8Array(objects);
  const out = new Uint8Array(detections);
  for (let d = 0; d < detections; d++) {
    let best = Math.min(threshold, 1 - 1e-10);
    let match = -1;
    for (const o of order) {
      if (taken[o] === 1 && crowd[o] === 0) continue;
      // From here on only objects to be ignored follow, and a real one has been found.
      if (match >= 0 && ignore[match] === 0 && ignore[o] === 1) break;
      const fit = similarity[d * objects + o] as number;
      if (fit < best) continue;
      best = fit;
      match = o;
    }
    if (match >= 0) {
      taken[match] = 1;
      out[d] = ignore[match] === 1 ? fates.ignored : fates.right;
    } else if (outside[d] === 1) out[d] = fates.ignored;
  }
  return out;
}

function* stableOrder(objects: number, ignore: Uint8Array): Generator<number> {
  for (let o = 0; o < objects; o++) if (ignore[o] === 0) yield o;
  for (let o = 0; o < objects; o++) if (ignore[o] === 1) yield o;
}
