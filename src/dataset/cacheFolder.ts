/** Where downloads are kept between runs, outside the clone. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/**
 * The folder of all caches: NEOTENY_CACHE, else `neoteny` in XDG_CACHE_HOME, else ~/.cache/neoteny. It need not exist yet.
 * @example cacheFolder({ NEOTENY_CACHE: '/big/cache' }) // => '/big/cache'
 * @example cacheFolder({ XDG_CACHE_HOME: '/home/me/.c' }) // => '/home/me/.c/neoteny'
 */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const own = environment['NEOTENY_CACHE'];
  if (own !== undefined && own !== '') return resolve(own);
  const shared = environment['XDG_CACHE_HOME'];
  // The XDG rule: a relative path is to be ignored.
  const parent = shared !== undefined && isAbsolute(shared) ? shared : join(homedir(), '.cache');
  return join(parent, 'neoteny');
}
