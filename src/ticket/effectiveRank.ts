import { singularVectors } from '../model/bases/singularVectors.js';

/**
 * The effective rank of a matrix [rows, columns] in row-major order: exp of the entropy of its singular values divided by their sum
 * (Roy & Vetterli 2007). Between 1 and min(rows, columns); 0 for a matrix of zeros.
 * @throws UserError for entries that are not finite
 * @example effectiveRank([1, 0, 0, 1], 2, 2) // => 2
 */
export function effectiveRank(matrix: ArrayLike<number>, rows: number, columns: number): number {
  const { values } = singularVectors(matrix, rows, columns);
  const sum = values.reduce((a, b) => a + b, 0);
  if (sum === 0) return 0;
  const entropy = values.reduce((total, value) => total - (value > 0 ? (value / sum) * Math.log(value / sum) : 0), 0);
  return Math.exp(entropy);
}
