/** A drawing that is no Plotly figure, such as detections on their images. */
import { type Displayable, jupyterDisplay } from './display.js';
import { pictureHtml } from './kinds/pictureHtml.js';

/**
 * SVG that shows itself as a picture: `show(picture(detectionPicture(data), 'four scenes'))`.
 * @param description stands in its place where pictures are not shown
 */
export function picture(svg: string, description: string): Displayable {
  return { [jupyterDisplay]: async () => ({ 'text/html': await pictureHtml(svg, description), 'text/plain': description }) };
}
