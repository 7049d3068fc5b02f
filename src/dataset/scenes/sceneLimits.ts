/** Sizes and tolerances of scenes: COCO's, scaled to small images. */
import { checkCount } from '../../check.js';

/** A size range: an object belongs to it if least <= area <= most (in square pixels, of the mask). */
export interface AreaRange {
  readonly name: string;
  readonly least: number;
  readonly most: number;
}

/** COCO's own: small up to 32², medium up to 96², large above. */
export const cocoAreas: readonly AreaRange[] = areasFrom(32, 96);

/**
 * The size ranges of scenes of `size` x `size` pixels: COCO's bounds of 32² and 96², scaled by size / 320, so that the bounds are
 * (size / 10)² and (3 size / 10)².
 * @throws UserError unless the size is a whole number of at least 1
 * @example sceneAreas(100)[1] // => { name: 'small', least: 0, most: 100 }
 */
export function sceneAreas(size: number): readonly AreaRange[] {
  checkCount('scene size', size, 1);
  return areasFrom(size / 10, (3 * size) / 10);
}

/**
 * COCO's size ranges for images that are fitted into a square of `size` pixels: scaled as an image of 640 pixels is, which is what COCO's
 * longer sides have.
 * @throws UserError unless the size is a whole number of at least 1
 * @example fittedAreas(320)[1] // => { name: 'small', least: 0, most: 256 }
 */
export function fittedAreas(size: number): readonly AreaRange[] {
  checkCount('side of the square', size, 1);
  return areasFrom((32 * size) / 640, (96 * size) / 640);
}

function areasFrom(small: number, medium: number): AreaRange[] {
  return [
    { name: 'all', least: 0, most: 1e10 },
    { name: 'small', least: 0, most: small * small },
    { name: 'medium', least: small * small, most: medium * medium },
    { name: 'large', least: medium * medium, most: 1e10 },
  ];
}

/** Names of a scene object's keypoints: the outermost points of the object as it would be unhidden, and its centre of gravity. */
export const sceneKeypoints = ['top', 'bottom', 'left', 'right', 'centre'] as const;

/** Tolerances of those keypoints for OKS, as a share of the object's scale: COCO's hips have 0.107, its eyes 0.025. */
export const sceneSigmas: readonly number[] = [0.1, 0.1, 0.1, 0.1, 0.1];
