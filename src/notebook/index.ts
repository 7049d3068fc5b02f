/** What a notebook needs beside the library: values that show themselves, progress, the stop button, parameters. */
export { type Curve, type CurvesOptions, curvesSvg } from './curvesSvg.js';
export { type Displayable, display, jupyterDisplay, type MimeBundle } from './display.js';
export { interruptible } from './interruptible.js';
export { type LiveChart, type LiveChartOptions, liveChart } from './liveChart.js';
export { type LiveDisplay, liveDisplay } from './liveDisplay.js';
export { markdown } from './markdown.js';
export { notebookParameters, type ParameterValue } from './notebookParameters.js';
export { picture } from './picture.js';
export { type ProgressBar, type ProgressOptions, progress } from './progress.js';
export { type RunOrLoadOptions, runOrLoad } from './runOrLoad.js';
export { currentScale, type Scale, scale } from './scale.js';
export { show } from './show.js';
export { stamp, type StampOptions } from './stamp.js';
export { sweepOrLoad } from './sweepOrLoad.js';
export { trainLive, type TrainedLive, type TrainLiveOptions } from './trainLive.js';
