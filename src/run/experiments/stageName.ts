/**
 * The name of a numbered stage, so that names sort as numbers do.
 * @example stageName('level', 3) // => 'level-03'
 */
export function stageName(kind: string, number: number): string {
  return `${kind}-${String(number).padStart(2, '0')}`;
}
