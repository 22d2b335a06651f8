import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/**
 * Codicons with two decimals instead of up to nine: drawn at 16 pixels nobody sees the third, and all panels together
 * load far less of them.
 */
export const smallerIcons: Plugin = {
  name: 'smaller icons',
  setup(build) {
    build.onLoad({ filter: /[\\/]@vscode[\\/]codicons[\\/]src[\\/]icons[\\/][^\\/]+\.svg$/ }, async ({ path }) => ({
      contents: roundNumbers(await readFile(path, 'utf8')),
      loader: 'text',
    }));
  },
};

/** Rounds the numbers of path data to hundredths; what stands elsewhere in the drawing stays. */
export function roundNumbers(svg: string): string {
  return svg.trim().replaceAll(/(?<= d=")[^"]+/g, (data) => {
    // The flags of an arc may stand together with the number after them.
    if (/[aA]/.test(data)) return data;
    return data.replaceAll(/-?(?:\d+\.?\d*|\.\d+)/g, (number, at: number) => {
      const rounded = String(Math.round(Number(number) * 100) / 100).replace(/^(-?)0\./, '$1.');
      // `.5.25` are two numbers, which rounding must not make one of.
      return /[\d.]/.test(data[at - 1] ?? '') && !rounded.startsWith('-') ? ` ${rounded}` : rounded;
    });
  });
}
