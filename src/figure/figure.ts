/** A figure is a value: what Plotly calls `data` and `layout`, plain JSON. */
import type { Json } from '../run/record.js';

/** A JSON object. */
export interface JsonObject {
  readonly [name: string]: Json;
}

/** What Plotly draws: traces, and the layout of axes, legend and title. */
export interface Figure {
  readonly data: readonly JsonObject[];
  readonly layout: JsonObject;
}
