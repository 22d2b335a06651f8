import { globSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildOptions, Metafile, Plugin } from 'esbuild';
import type { BuildChoices } from './buildAll.ts';
import { projectDir } from './paths.ts';
import { smallerIcons } from './smallerIcons.ts';
import { withoutIndentation, withoutJsonSchema } from './smallerPackages.ts';
import { withoutStyleProbe } from './withoutStyleProbe.ts';

/** What a panel loads before it shows anything (script, styles, fonts and images they name), in bytes. */
const maxFirstLoad = 500_000;

/** One file of dist/webview/manifest.json: names relative to dist/webview/. */
interface PanelFiles {
  js: string;
  css: string[];
}

/**
 * Each webview/<panel>/main.tsx becomes dist/webview/<panel>-<hash>.js and .css, named in manifest.json. Minified in
 * every build, so that the limit on the first load is checked in every build.
 */
export function webviewBundles({ production, outDir }: BuildChoices): BuildOptions {
  const webviewDir = path.join(outDir, 'webview');
  const files = globSync('webview/*/main.tsx', { cwd: projectDir });
  if (files.length === 0) throw new Error('There is no webview/<panel>/main.tsx to build.');
  return {
    absWorkingDir: projectDir,
    entryPoints: files.map((file) => ({ in: file, out: path.basename(path.dirname(file)) })),
    outdir: webviewDir,
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    loader: { '.ttf': 'file', '.woff2': 'file', '.svg': 'file', '.png': 'file' },
    legalComments: 'linked',
    sourcemap: production ? false : 'linked',
    metafile: true,
    logLevel: 'silent',
    plugins: [withoutStyleProbe, withoutJsonSchema, withoutIndentation, smallerIcons, manifestPlugin(webviewDir)],
  };
}

const manifestPlugin = (webviewDir: string): Plugin => ({
  name: 'panel manifest',
  setup(build) {
    build.onEnd(async ({ errors, metafile }) => {
      if (errors.length > 0 || metafile === undefined) return {};
      const manifest: Record<string, PanelFiles> = {};
      const tooLarge: string[] = [];
      for (const [file, output] of Object.entries(metafile.outputs)) {
        if (output.entryPoint === undefined || !file.endsWith('.js')) continue;
        const panel = path.basename(path.dirname(output.entryPoint));
        const css = output.cssBundle === undefined ? [] : [path.basename(output.cssBundle)];
        manifest[panel] = { js: path.basename(file), css };
        const bytes = firstLoad(metafile, [file, ...(output.cssBundle === undefined ? [] : [output.cssBundle])]);
        if (bytes > maxFirstLoad) tooLarge.push(`${panel} loads ${bytes} bytes first, more than ${maxFirstLoad}`);
      }
      await mkdir(webviewDir, { recursive: true });
      await writeFile(path.join(webviewDir, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
      return { errors: tooLarge.map((text) => ({ text })) };
    });
  },
});

/** Bytes of the files given and of all they load at once. */
function firstLoad(metafile: Metafile, files: readonly string[]): number {
  const needed = new Set(files);
  for (const file of needed) {
    for (const { path: imported, kind, external } of metafile.outputs[file]?.imports ?? []) {
      if (kind !== 'dynamic-import' && external !== true) needed.add(imported);
    }
  }
  return [...needed].reduce((sum, file) => sum + (metafile.outputs[file]?.bytes ?? 0), 0);
}
