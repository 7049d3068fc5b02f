import type { DetectionData, DetectionImage } from './coco.js';

/** The images that are chosen, asked for in order and once each, with their annotations. */
export function selectImages(data: DetectionData, chosen: (image: DetectionImage, place: number) => boolean): DetectionData {
  const images = data.images.filter(chosen);
  const ids = new Set(images.map(({ id }) => id));
  return { ...data, images, annotations: data.annotations.filter(({ image }) => ids.has(image)) };
}
