/** Numbers for people. */

/**
 * A time as a clock shows it: minutes and seconds, hours in front where there are any.
 * @example clock(133) // => '2:13'
 * @example clock(3700) // => '1:01:40'
 */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/**
 * A time in one rounded unit, for estimates.
 * @example about(100) // => '2 min'
 * @example about(20000) // => '5.6 h'
 */
export function about(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.ceil(seconds / 5) * 5)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} days`;
}

/** Bytes in one rounded unit. @example bytes(207_000_000) // => '207 MB' */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [count, 0];
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${value < 10 && unit > 0 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`;
}

/** A whole number with thousands apart. @example count(32175) // => '32,175' */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** An accuracy in per cent with two decimals, `-` where there is none. @example percent(0.97431) // => '97.43' */
export function percent(share: number | null | undefined): string {
  return typeof share === 'number' && Number.isFinite(share) ? (100 * share).toFixed(2) : '-';
}

/** A word in the number that is meant. @example plural(1, 'run') // => '1 run' */
export function plural(n: number, word: string): string {
  return `${count(n)} ${word}${n === 1 ? '' : 's'}`;
}

/** The value of an option: text as it is, all else as JSON. @example optionText(['a', 1]) // => '["a",1]' */
export function optionText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
