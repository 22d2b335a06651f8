import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

import { findChromium } from '../../scripts/setUp.mjs';
import { type Disposable, DisposableStore } from '../../src/base/disposables.ts';
import type { LakesideError } from '../../src/base/errors.ts';
import { Emitter } from '../../src/base/events.ts';
import { createNonce, panelHtml, panelManifestSchema } from '../../src/host/panels/panelHtml.ts';
import { acceptPanelSessions } from '../../src/host/panels/webviewChannel.ts';
import type { Channel } from '../../src/protocol/channel.ts';
import { projectDir } from './projectDir.ts';
import { type ThemeName, themes } from './vscodeThemes.ts';

const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('There is no Chromium: install one, or name it in CHROME_PATH.');
  return chromium.launch({ executablePath, args: chromiumFlags });
}

export interface ServedFile {
  readonly type: string;
  readonly content: Buffer | string;
}

export interface PanelPageOptions {
  /** The panel's folder under webview/. */
  readonly panel: string;
  readonly title: string;
  /** Joins the channel of one life of the page to what answers it. */
  readonly serve: (channel: Channel, complain: (error: LakesideError) => void) => Disposable;
  /** What else the page may load, by the path of its URL: pictures. undefined: there is no such file. */
  readonly file?: (path: string) => ServedFile | undefined | Promise<ServedFile | undefined>;
  readonly theme?: ThemeName;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Where the built panels lie; dist/webview unless told. */
  readonly webviewDir?: string;
}

/** A panel with everything but VS Code: the real page, over whatever the test serves. */
export interface PanelPage {
  readonly page: Page;
  /** Errors on the console, uncaught errors and content security reports since the page was opened. */
  readonly complaints: readonly string[];
  /** Milliseconds of tasks over 50 ms since the last call. */
  readonly longTasks: () => Promise<number[]>;
  /** Tears the page down and loads it afresh with the state it kept, as VS Code does with a panel that was hidden. */
  readonly hideAndShow: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A build beside dist/ can be tested by naming its folder. */
const builtPanels = process.env.LAKESIDE_WEBVIEW_DIR ?? path.join(projectDir, 'dist', 'webview');

export interface PanelSuite {
  /** Only in tests and hooks. */
  readonly browser: Browser;
  /** Closes the page after this test, in which nothing may have complained. */
  own<Page extends PanelPage>(page: Page): Page;
}

/** The browser of a suite and the page of each of its tests. Call it inside `describe`. */
export function panelSuite(): PanelSuite {
  let browser: Browser | undefined;
  let opened: PanelPage | undefined;
  before(async () => {
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
  });
  afterEach(async () => {
    const complaints = opened?.complaints ?? [];
    await opened?.close();
    opened = undefined;
    assert.deepEqual(complaints, [], 'the console and the content security policy have nothing to say');
  });
  return {
    get browser() {
      if (browser === undefined) throw new Error('The browser is launched before the first test of the suite.');
      return browser;
    },
    own(page) {
      opened = page;
      return page;
    },
  };
}

export async function openPanelPage(browser: Browser, options: PanelPageOptions): Promise<PanelPage> {
  const { panel, serve, theme = 'dark', viewport = { width: 1100, height: 720 } } = options;
  const owned = new DisposableStore();
  const complaints: string[] = [];
  const complain = (error: LakesideError): void => void complaints.push(error.message);

  const page = await browser.newPage({ viewport });
  const fromPage = new Emitter<unknown>();
  const webview = {
    postMessage: (message: unknown) =>
      page
        .evaluate((data) => window.postMessage(data, '*'), message)
        .then(
          () => true,
          () => false,
        ),
    onDidReceiveMessage: fromPage.event,
  };
  owned.add(acceptPanelSessions(webview, (channel) => serve(channel, complain), complain));

  const server = await servePanelFiles(panel, options);
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.exposeFunction('postToHost', (message: unknown) => fromPage.fire(message));
  await page.exposeFunction('reportViolation', (text: string) => complaints.push(text));
  await page.addInitScript(pretendToBeVscode, themes[theme]);
  await page.goto(server.url);

  return {
    page,
    complaints,
    longTasks: () => page.evaluate(() => (window as unknown as { takeLongTasks(): number[] }).takeLongTasks()),
    hideAndShow: async () => {
      await page.reload();
    },
    close: async () => {
      owned.dispose();
      await page.close();
      server.close();
    },
  };
}

/** Runs in the page before any of its scripts: what VS Code gives a webview. */
function pretendToBeVscode({ bodyClass, variables }: { bodyClass: string; variables: Record<string, string> }): void {
  const host = window as unknown as {
    acquireVsCodeApi: () => unknown;
    postToHost: (message: unknown) => Promise<void>;
    reportViolation: (text: string) => Promise<void>;
    takeLongTasks: () => number[];
  };
  const longTasks: number[] = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) longTasks.push(Math.round(entry.duration));
  }).observe({ type: 'longtask' });
  host.takeLongTasks = () => longTasks.splice(0);
  host.acquireVsCodeApi = () => ({
    postMessage: (message: unknown) => void host.postToHost(message),
    getState: (): unknown => JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined,
    setState: (state: unknown) => sessionStorage.setItem('state', JSON.stringify(state)),
  });
  document.addEventListener('securitypolicyviolation', (event) => {
    void host.reportViolation(`${event.violatedDirective} refused ${event.blockedURI} ${event.sourceFile}`);
  });
  const dress = (): void => {
    for (const [name, value] of Object.entries(variables)) {
      document.documentElement.style.setProperty(`--vscode-${name}`, value);
    }
    document.body.classList.add(bodyClass);
    document.body.dataset.vscodeThemeKind = bodyClass;
  };
  document.addEventListener('readystatechange', dress, { once: true });
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

async function servePanelFiles(
  panel: string,
  { title, file, webviewDir = builtPanels }: PanelPageOptions,
): Promise<{ url: string; close(): void }> {
  const manifest = panelManifestSchema.parse(
    JSON.parse(await readFile(path.join(webviewDir, 'manifest.json'), 'utf8')),
  );
  const files = manifest[panel];
  if (files === undefined) throw new Error(`The panel ${panel} is not built: npm run build.`);

  const find = async (url: string): Promise<ServedFile | undefined> => {
    if (url === '/') {
      const content = panelHtml({
        panel,
        title,
        nonce: createNonce(),
        cspSource: "'self'",
        language: 'en',
        script: `/${files.js}`,
        styles: files.css.map((name) => `/${name}`),
      });
      return { type: 'text/html', content };
    }
    const made = await file?.(url);
    if (made !== undefined) return made;
    const name = path.basename(url);
    const type = CONTENT_TYPES[path.extname(name)] ?? 'application/octet-stream';
    return { type, content: await readFile(path.join(webviewDir, name)) };
  };

  const server = createServer((request, response) => {
    const url = request.url ?? '/';
    find(url).then(
      (found) => response.writeHead(200, { 'content-type': found?.type ?? '' }).end(found?.content),
      () => response.writeHead(url === '/favicon.ico' ? 204 : 404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
