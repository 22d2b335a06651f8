import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/**
 * The toolkit's foundation puts an empty `<style>` into the page to learn whether the browser knows `:focus-visible`.
 * A panel's content security policy refuses and reports it; every browser VS Code has ever run panels in knows it.
 */
export const withoutStyleProbe: Plugin = {
  name: 'toolkit without style probe',
  setup(build) {
    build.onLoad({ filter: /@microsoft[\\/]fast-web-utilities[\\/]dist[\\/]dom\.js$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      const contents = text.replace('let _canUseFocusVisible;', 'let _canUseFocusVisible = true;');
      if (contents === text) throw new Error(`${file} asks about :focus-visible in another way now`);
      return { contents };
    });
  },
};
