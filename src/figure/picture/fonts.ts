/** The fonts of pictures: the same on every machine where the package `dejavu-fonts-ttf` is installed, else the system's. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { Resvg, type ResvgRenderOptions } from '@resvg/resvg-js';
import { missing } from '../../check.js';

type FontOptions = NonNullable<ResvgRenderOptions['font']>;

let found: FontOptions | undefined;

/** Fonts for resvg. @throws UserError if there is no font at all, since a picture would lack its text */
export function fonts(): FontOptions {
  found ??= bundled() ?? system();
  return found;
}

function bundled(): FontOptions | undefined {
  try {
    const folder = path.dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json'));
    const faces = ['DejaVuSans', 'DejaVuSans-Bold', 'DejaVuSans-Oblique', 'DejaVuSansMono'];
    return checked({ fontFiles: faces.map((face) => path.join(folder, 'ttf', `${face}.ttf`)), loadSystemFonts: false });
  } catch {
    return undefined;
  }
}

function system(): FontOptions {
  const options = checked({ loadSystemFonts: true });
  if (options === undefined) throw missing('fonts for pictures', "install the package 'dejavu-fonts-ttf' (npm) or any sans-serif font");
  return options;
}

function checked(options: FontOptions): FontOptions | undefined {
  const font: FontOptions = {
    ...options,
    defaultFontFamily: 'DejaVu Sans',
    sansSerifFamily: 'DejaVu Sans',
    monospaceFamily: 'DejaVu Sans Mono',
  };
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9" font-family="DejaVu Sans" font-size="9">n</text></svg>';
  return new Resvg(svg, { font }).getBBox() === undefined ? undefined : font;
}
