/**
 * Images with objects in them: COCO's and VOC's files, masks as runs, overlap. In: a folder. Out: `DetectionData`, plain data with
 * typed arrays.
 * @module
 */
export {
  type Annotation,
  annotationsByImage,
  type Box,
  type Category,
  type Detection,
  type DetectionData,
  type DetectionImage,
  type RunLength,
} from './coco.js';
export { parseResults, resultsJson } from './cocoResults.js';
export { type Fit, letterbox, letterboxed } from './letterbox.js';
export { boxIou, maskIou } from './overlap.js';
export { parseCoco } from './parseCoco.js';
export { parseVoc, type VocAnnotation } from './parseVoc.js';
export { polygonRunLength } from './polygonRunLength.js';
export { readCoco, type ReadCocoOptions } from './readCoco.js';
export { detectionSplits, readDetectionFolder, type ReadFolderOptions } from './readDetectionFolder.js';
export { readPixels, type PixelOptions } from './readPixels.js';
export { intersectionArea, mergeRunLengths, runLengthArea, runLengthBox, toPixels, toRunLength } from './runLength.js';
export { parseRunLengthString, runLengthString } from './runLengthString.js';
export { readVoc, type ReadVocOptions, vocClasses } from './readVoc.js';
export { cocoJson, writeCoco } from './writeCoco.js';
