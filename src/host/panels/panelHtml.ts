import { randomBytes } from 'node:crypto';
import * as z from 'zod';

/** dist/webview/manifest.json: what each panel loads, named relative to dist/webview/. */
export const panelManifestSchema = z.record(
  z.string(),
  z.object({ js: z.string().min(1), css: z.array(z.string().min(1)) }),
);
export type PanelManifest = z.infer<typeof panelManifestSchema>;

export interface PanelHtmlOptions {
  /** The panel's folder under webview/, and its key in the manifest. */
  readonly panel: string;
  /** Read aloud by screen readers as the name of the panel. */
  readonly title: string;
  /** Fresh for every page; see `createNonce`. */
  readonly nonce: string;
  /** `webview.cspSource`. */
  readonly cspSource: string;
  /** BCP 47, such as `en`. */
  readonly language: string;
  /** URIs the page can load. */
  readonly script: string;
  readonly styles: readonly string[];
}

export function createNonce(): string {
  return randomBytes(18).toString('base64url');
}

/** The only HTML any panel has. Nothing inline: data comes over the bridge. */
export function panelHtml(options: PanelHtmlOptions): string {
  const { panel, title, nonce, cspSource, language, script, styles } = options;
  const policy = [
    "default-src 'none'",
    `style-src ${cspSource}`,
    `script-src 'nonce-${nonce}'`,
    `font-src ${cspSource}`,
    `img-src ${cspSource}`,
  ].join('; ');
  const links = styles.map((style) => `<link rel="stylesheet" href="${escapeAttribute(style)}">`);
  return [
    '<!DOCTYPE html>',
    `<html lang="${escapeAttribute(language)}">`,
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeAttribute(policy)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeText(title)}</title>`,
    ...links,
    '</head>',
    `<body data-panel="${escapeAttribute(panel)}">`,
    '<div id="root"></div>',
    `<script type="module" nonce="${escapeAttribute(nonce)}" src="${escapeAttribute(script)}"></script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;');
}
