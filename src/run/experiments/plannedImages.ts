/**
 * Images of the training part, about, for plans and previews, which ask before anything is loaded: data sets hold 45,000 (CIFAR-10) or
 * 55,000 of them beside their validation part.
 * @example plannedImages({ dataset: 'cifar-10', trainLimit: null }) // => 45000
 */
export function plannedImages({ dataset, trainLimit }: { readonly dataset: string; readonly trainLimit: number | null }): number {
  return Math.min(trainLimit ?? Number.POSITIVE_INFINITY, dataset === 'cifar-10' ? 45_000 : 55_000);
}
