import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import { z } from 'zod';

/**
 * zod's writing of JSON schemas, which hangs on every schema and so defeats tree shaking: 18 KB that no panel calls.
 * Left out with what it exports, so that a call says what is wrong.
 */
export const withoutJsonSchema: Plugin = {
  name: 'zod without JSON schema',
  setup(build) {
    build.onLoad(
      { filter: /zod[\\/]v4[\\/]core[\\/](to-json-schema|json-schema-processors)\.js$/ },
      async ({ path: file }) => {
        const names = Object.keys(
          z.record(z.string(), z.unknown()).parse({ ...(await import(pathToFileURL(file).href)) }),
        );
        const exports = names.map((name) => `export const ${name} = absent;`).join('\n');
        return {
          contents: `const absent = () => { throw new Error('JSON schema is left out of panels'); };\n${exports}`,
        };
      },
    );
  },
};

/** The toolkit's HTML and CSS are template strings, which no minifier may touch; their indentation means nothing. */
export const withoutIndentation: Plugin = {
  name: 'templates without indentation',
  setup(build) {
    build.onLoad({ filter: /(@microsoft[\\/]fast-|webview-ui-toolkit).*\.js$/ }, async ({ path: file }) => {
      return { contents: (await readFile(file, 'utf8')).replaceAll(/\n\s+/g, '\n') };
    });
  },
};
