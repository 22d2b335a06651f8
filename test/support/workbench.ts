import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import {
  type Browser,
  chromium,
  type ConsoleMessage,
  type FrameLocator,
  type Locator,
  type Page,
} from 'playwright-core';
import { findChromium } from '../../scripts/setUp.mjs';

const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const openTimeoutMs = 60_000;
/** Longest wait of one step; a step that takes longer on a loaded machine is a finding. */
const stepTimeoutMs = 45_000;
const retryTimeoutMs = 1_500;

export interface WorkbenchOptions {
  /** Size of the window in CSS pixels; by default 1280 × 800. */
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Device pixels per CSS pixel; by default 1. */
  readonly scale?: number;
}

/** VS Code in Chromium, driven as a person would. */
export interface Workbench {
  readonly page: Page;
  /** Errors written to the console since the start, the known ones of VS Code itself left out. */
  consoleErrors(): readonly string[];
  /** Violations of a content security policy, in the workbench or any panel. */
  cspViolations(): readonly string[];
  /** Runs a command by its full title through the command palette. */
  runCommand(title: string): Promise<void>;
  /** Opens a container of the activity bar by its name. */
  openView(name: string): Promise<void>;
  /** Closes a view of the side bar, which gives its room to the others; does nothing to a closed one. */
  closeView(name: string): Promise<void>;
  /** Opens a view of the side bar; does nothing to an open one. */
  openSection(name: string): Promise<void>;
  /** The row of a tree with exactly this label (or matching it); scroll position and virtualisation apply. */
  treeItem(label: string | RegExp): Locator;
  /** Opens a closed row, does nothing to an open one. */
  expandTreeItem(label: string | RegExp): Promise<void>;
  /** The document inside the visible webview, or the one of the editor with this title. */
  webview(title?: string): FrameLocator;
  /** The notification whose text matches, in the opened notification centre (this server shows no toasts). */
  notification(text: string | RegExp): Promise<Locator>;
  /** Texts of all notifications, the newest first. */
  notifications(): Promise<string[]>;
  /** Writes a PNG; folders are made. */
  screenshot(file: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the address in a new Chromium and waits until the workbench stands.
 * @throws Error when no Chromium is installed or the workbench does not appear within a minute
 */
export async function openWorkbench(url: string, options: WorkbenchOptions = {}): Promise<Workbench> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('There is no Chromium: install one, or name it in CHROME_PATH.');
  const browser = await chromium.launch({ executablePath, args: chromiumFlags });
  try {
    return await openPage(browser, url, options);
  } catch (error) {
    await browser.close();
    throw error;
  }
}

async function openPage(browser: Browser, url: string, options: WorkbenchOptions): Promise<Workbench> {
  const context = await browser.newContext({
    viewport: options.viewport ?? { width: 1280, height: 800 },
    deviceScaleFactor: options.scale ?? 1,
  });
  const consoleErrors: string[] = [];
  const cspViolations: string[] = [];
  const page = await context.newPage();
  page.setDefaultTimeout(stepTimeoutMs);
  page.on('console', (message) => {
    if (message.type() !== 'error' || isKnownNoise(message)) return;
    // Chromium reports each violation here; listeners for the event do not survive the way webviews are written.
    const list = message.text().includes('Content Security Policy') ? cspViolations : consoleErrors;
    list.push(describe(message));
  });
  page.on('pageerror', (error) => consoleErrors.push(error.stack ?? error.message));
  await page.goto(url, { timeout: openTimeoutMs });
  await page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: openTimeoutMs });

  const treeItem = (label: string | RegExp): Locator => {
    const name = page.locator('.label-name', { hasText: typeof label === 'string' ? exactly(label) : label });
    return page.locator('.monaco-list-row[role=treeitem]').filter({ has: name });
  };
  return {
    page,
    treeItem,
    consoleErrors: () => consoleErrors,
    cspViolations: () => cspViolations,
    runCommand: (title) => runCommand(page, title),
    async openView(name) {
      const label = page.locator(`a[aria-label="${name}"], a[aria-label^="${name} ("]`);
      const tab = page.locator('.part.activitybar [role=tab]').filter({ has: label });
      if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
      await tab.and(page.locator('[aria-selected=true]')).waitFor();
    },
    async closeView(name) {
      const header = page.locator('.pane-header', { hasText: name });
      if ((await header.getAttribute('aria-expanded')) === 'true') await header.click();
      await header.and(page.locator('[aria-expanded=false]')).waitFor();
    },
    async openSection(name) {
      const header = page.locator('.pane-header', { hasText: name });
      if ((await header.getAttribute('aria-expanded')) === 'false') await header.click();
      await header.and(page.locator('[aria-expanded=true]')).waitFor();
    },
    async expandTreeItem(label) {
      const row = treeItem(label).first();
      const expanded = row.and(page.locator('[aria-expanded=true]'));
      const deadline = Date.now() + stepTimeoutMs;
      for (;;) {
        if ((await row.getAttribute('aria-expanded')) === 'false') await row.locator('.monaco-tl-twistie').click();
        try {
          await expanded.waitFor({ timeout: retryTimeoutMs });
          return;
        } catch (error) {
          // A tree that is drawn anew at that moment loses the click.
          if (Date.now() > deadline) throw error;
        }
      }
    },
    webview: (title) => webviewFrame(page, title),
    async notification(text) {
      await openNotifications(page);
      return page.locator('.notifications-center .notification-list-item', { hasText: text }).first();
    },
    async notifications() {
      await openNotifications(page);
      const texts = await page.locator('.notifications-center .notification-list-item-message').allInnerTexts();
      // VS Code's own, for as long as it starts.
      return texts.filter((text) => text !== 'Activating Extensions...');
    },
    async screenshot(file) {
      await mkdir(path.dirname(file), { recursive: true });
      await page.screenshot({ path: file });
    },
    close: () => browser.close(),
  };
}

/**
 * The palette lists what is enabled at the moment it opens, and closes when something else takes the focus (a panel that
 * loads), so it is opened anew until the command is there.
 */
async function runCommand(page: Page, title: string): Promise<void> {
  const row = page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
  const deadline = Date.now() + stepTimeoutMs;
  for (;;) {
    await page.keyboard.press('F1');
    try {
      await page.locator('.quick-input-widget input').fill(`>${title}`, { timeout: retryTimeoutMs });
      await row.click({ timeout: retryTimeoutMs });
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await page.keyboard.press('Escape');
    }
  }
}

async function openNotifications(page: Page): Promise<void> {
  const centre = page.locator('.notifications-center.visible');
  const deadline = Date.now() + stepTimeoutMs;
  // The bell toggles, and a notification that comes at the same moment may open or close the centre too.
  while (!(await centre.isVisible())) {
    await page.locator(String.raw`#status\.notifications a`).click();
    try {
      await centre.waitFor({ timeout: retryTimeoutMs });
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

/** A webview is a frame within a frame; the inner one is the panel's own document. */
function webviewFrame(page: Page, title: string | undefined): FrameLocator {
  const outer = page.frameLocator('iframe.webview.ready:visible');
  return title === undefined
    ? outer.frameLocator('iframe#active-frame')
    : outer.frameLocator(`iframe#active-frame[title=${JSON.stringify(title)}]`);
}

function exactly(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`);
}

/** What the server from npm always reports: parts left out of the package, parts not compiled, its closed gallery. */
const knownNoise: readonly RegExp[] = [
  /favicon/,
  /node_modules\/vsda\//,
  /\/update\/check/,
  /[Ss]ervice ?Worker/,
  /A bad HTTP response code \(404\) was received when fetching the script\. \(:0\)/,
  /spdlog/,
  /native-watchdog/,
  /open-vsx\.org/,
  /authentication provider 'github'/,
  // How far a save has come that takes a while, as on a busy disk.
  /^Saving 'settings\.json': Writing into file/,
];

function isKnownNoise(message: ConsoleMessage): boolean {
  return knownNoise.some((pattern) => pattern.test(describe(message)));
}

function describe(message: ConsoleMessage): string {
  const { url, lineNumber } = message.location();
  return `${message.text()} (${url}:${lineNumber})`;
}
