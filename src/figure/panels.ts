/** Where the panels of a figure stand. */

/** A panel's place in shares of the drawing area, and whether its axes carry the titles. */
export interface Panel {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly isLeft: boolean;
  readonly isBottom: boolean;
}

/**
 * Panels in rows from the top, with gaps as shares of the drawing area: `left` between columns, `top` above each row.
 * `isBottom`: no panel stands below it.
 * @example gridDomains(3, 2, { left: 0.1, top: 0.1 }).map(({ isBottom }) => isBottom) // => [false, true, true]
 */
export function gridDomains(count: number, columns: number, gap: { readonly left: number; readonly top: number }): Panel[] {
  const rows = Math.ceil(count / columns);
  const width = (1 - gap.left * (columns - 1)) / columns;
  const height = (1 - gap.top * (rows - 1)) / rows;
  return Array.from({ length: count }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const [x, top] = [column * (width + gap.left), 1 - row * (height + gap.top)];
    return { x: [x, Math.min(1, x + width)], y: [Math.max(0, top - height), top], isLeft: column === 0, isBottom: i + columns >= count };
  });
}
