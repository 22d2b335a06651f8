import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

import { findChromium } from '../../scripts/setUp.mjs';
import { DisposableStore } from '../../src/base/disposables.ts';
import type { LakesideError } from '../../src/base/errors.ts';
import { Emitter } from '../../src/base/events.ts';
import { type PanelHostHandlers, servePanel } from '../../src/host/panels/panelBridge.ts';
import { createNonce, panelHtml, panelManifestSchema } from '../../src/host/panels/panelHtml.ts';
import { PlanDocument, type TickEdit } from '../../src/host/panels/planDocument.ts';
import { acceptPanelSessions } from '../../src/host/panels/webviewChannel.ts';
import {
  PLAN_PANEL_USE_CASES,
  planPanelContract,
  type PlanPanelContract,
} from '../../src/protocol/panels/planPanel.ts';
import type { FakePlanEngine } from './fakePlanEngine.ts';
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

export interface PlanPageOptions {
  readonly engine: FakePlanEngine;
  readonly theme?: ThemeName;
  readonly trusted?: boolean;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly webviewDir?: string;
}

/** The Plan panel with everything but VS Code: the real page, bridge and document, over a made-up engine. */
export interface PlanPage {
  readonly page: Page;
  readonly edits: readonly TickEdit[];
  /** What the panel asked of its host: `panel.copyText {"text":…}`. */
  readonly asked: readonly string[];
  /** Errors on the console, uncaught errors and content security reports since the page was opened. */
  readonly complaints: readonly string[];
  /** Milliseconds of tasks over 50 ms since the last call. */
  readonly longTasks: () => Promise<number[]>;
  /** Tears the page down and loads it afresh with the state it kept, as VS Code does with a panel that was hidden. */
  readonly hideAndShow: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function openPlanPage(browser: Browser, options: PlanPageOptions): Promise<PlanPage> {
  const { engine, theme = 'dark', trusted = true, viewport = { width: 1100, height: 720 } } = options;
  const webviewDir = options.webviewDir ?? path.join(projectDir, 'dist', 'webview');
  const owned = new DisposableStore();
  const complaints: string[] = [];
  const asked: string[] = [];
  const edits: TickEdit[] = [];
  const complain = (error: LakesideError): void => void complaints.push(error.message);

  const document = owned.add(
    new PlanDocument({
      engine,
      fileName: 'lake-to-local.lakeplan.json',
      path: '/plans/lake-to-local.lakeplan.json',
      isTrusted: () => trusted,
    }),
  );
  owned.add(document.onEdit((edit) => edits.push(edit)));

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
  owned.add(
    acceptPanelSessions(
      webview,
      (channel) => {
        const session = new DisposableStore();
        const handlers = hostHandlers(document, asked);
        const bridge = session.add(
          servePanel({
            contract: planPanelContract,
            useCases: PLAN_PANEL_USE_CASES,
            channel,
            engine,
            handlers,
            isVisible: () => true,
            onProtocolError: complain,
          }),
        );
        session.add(document.onChange((description) => bridge.emit('document', description)));
        return session;
      },
      complain,
    ),
  );

  const server = await servePanelFiles(webviewDir);
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
    edits,
    asked,
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

function hostHandlers(
  document: PlanDocument,
  asked: string[],
): PanelHostHandlers<PlanPanelContract, typeof PLAN_PANEL_USE_CASES> {
  const note =
    (name: string) =>
    (input: unknown): null => {
      asked.push(`${name} ${JSON.stringify(input)}`);
      return null;
    };
  return {
    'plans.tick': (input) => document.tick(input, {}),
    'panel.document': () => document.describe(),
    'panel.reopen': () => document.reopen(),
    'panel.save': async () => {
      await document.save('/plans/lake-to-local.lakeplan.json');
      return null;
    },
    'panel.revealFile': note('panel.revealFile'),
    'panel.openFolder': note('panel.openFolder'),
    'panel.copyText': note('panel.copyText'),
    'panel.showJob': note('panel.showJob'),
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

async function servePanelFiles(webviewDir: string): Promise<{ url: string; close(): void }> {
  const manifest = panelManifestSchema.parse(
    JSON.parse(await readFile(path.join(webviewDir, 'manifest.json'), 'utf8')),
  );
  const files = manifest.plan;
  if (files === undefined) throw new Error('The Plan panel is not built: npm run build.');
  const server = createServer((request, response) => {
    const name = path.basename(request.url ?? '/');
    if (name === '') {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(
        panelHtml({
          panel: 'plan',
          title: 'Plan',
          nonce: createNonce(),
          cspSource: "'self'",
          language: 'en',
          script: `/${files.js}`,
          styles: files.css.map((file) => `/${file}`),
        }),
      );
      return;
    }
    readFile(path.join(webviewDir, name)).then(
      (content) => {
        response.writeHead(200, { 'content-type': CONTENT_TYPES[path.extname(name)] ?? 'application/octet-stream' });
        response.end(content);
      },
      () => response.writeHead(name === 'favicon.ico' ? 204 : 404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}
