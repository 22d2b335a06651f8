import { cp, mkdir, open, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Workbench } from '../../test/support/workbench.ts';
import { type DemoLibrary, demoPairs } from '../demo/demoLibrary.ts';

export interface Scene {
  /** Name of the picture: docs/pictures/<name>.png */
  readonly name: string;
  /** A colour theme by its id; dark unless named. */
  readonly theme?: string;
  /** Whether the picture shows the demo's studio, which takes a while to make. */
  readonly studio?: true;
  /** VS Code settings of this picture alone. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Adds to the demo library what only this picture needs. */
  prepare?(library: DemoLibrary): Promise<void>;
  /** Brings the workbench into the state that the picture shows, as a person would. */
  arrange(workbench: Workbench, library: DemoLibrary): Promise<void>;
}

export const scenes: readonly Scene[] = [
  {
    name: 'models',
    arrange: async (workbench) => {
      await openModels(workbench, 'CLIP Vision');
      await makeMirrorPlan(workbench);
      // The plan compared by content, so that the tree knows what has moved.
      await workbench.runCommand('View: Close All Editors');
      await workbench.runCommand('Lakeside: Open walkthrough');
      await workbench.page.locator('.getting-started-step', { hasText: 'Scan and compare' }).click();
      await workbench.closeView('Jobs');
      await widenSideBar(workbench, 70);
      await workbench.treeItem('CLIP-ViT-H-14-laion2B-s32B-b79K.safetensors').first().hover();
      await workbench.page.locator('.monaco-list-row .action-label[aria-label*="Bring here"]').waitFor();
    },
  },
  {
    name: 'plan',
    arrange: async (workbench) => {
      await openModels(workbench, 'LoRAs');
      await makeMirrorPlan(workbench);
      const panel = workbench.webview();
      const row = panel.locator('.row', { hasText: 'Replace' }).first();
      await row.locator('.tick').click();
      await row.locator('.tick[aria-checked=false]').waitFor();
    },
  },
  {
    name: 'apply',
    theme: 'Default Light Modern',
    // Large enough that the picture can be taken in the middle of it.
    prepare: async ({ lakeRoot }) => {
      for (const [file, megabytes] of LARGE_MODELS) await makeLargeFile(path.join(lakeRoot, file), megabytes);
    },
    arrange: async (workbench) => {
      await openModels(workbench, 'LoRAs');
      await makeMirrorPlan(workbench);
      await applyMirrorPlan(workbench);
      const panel = workbench.webview();
      const bar = panel.locator('progress.apply-bar');
      while ((await bar.evaluate((each: HTMLProgressElement) => each.position)) < 0.3) {
        await workbench.page.waitForTimeout(50);
      }
    },
  },
  {
    name: 'both',
    arrange: async (workbench) => {
      await workbench.openView('Lakeside');
      await workbench.closeView('Projects');
      await workbench.treeItem('Mirror plan…').waitFor();
      await makePlanBothWays(workbench);
      const panel = workbench.webview();
      const row = panel.locator('.row', { hasText: 'Decide' }).first();
      await row.locator('.side-newer').click();
      await panel.locator('.side-kept').first().waitFor();
      // Saved, so that no number of unsaved files stands in the activity bar; the whole width is for the paths.
      await workbench.page.keyboard.press('ControlOrMeta+s');
      await workbench.page.locator('.tab.active:not(.dirty)').waitFor();
      await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
    },
  },
  {
    name: 'roots',
    arrange: async (workbench, { lakeRoot }) => {
      await workbench.openView('Lakeside');
      await workbench.treeItem('Mirror plan…').waitFor();
      await workbench.openSection('Roots');
      for (const view of ['Projects', 'Jobs']) await workbench.closeView(view);
      const pickLake = (): Promise<void> =>
        workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: /^Lake/ }).first().click();
      await workbench.runCommand('Lakeside: Hash now');
      await pickLake();
      await openRoot(workbench, /^Lake.*free/);
      await workbench.page.locator('.monaco-list-row', { hasText: /^All hashed/ }).waitFor();
      await damage(path.join(lakeRoot, 'checkpoints/sd_xl_base_1.0.safetensors'));
      await workbench.runCommand('Lakeside: Verify root');
      await pickLake();
      await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'All of it' }).click();
      await workbench.page.locator('.monaco-list-row', { hasText: /^Verified/ }).waitFor();
      await workbench.closeView('Models');
    },
  },
  {
    name: 'trash',
    // Second copies, so that not all that is deleted is the last one.
    prepare: async ({ localRoot }) => {
      const equal = demoPairs().filter(({ state }) => state === 'equal');
      for (const [index, { local }] of equal.entries()) {
        if (local === undefined || index % 5 > 0) continue;
        const copy = path.posix.join(path.posix.dirname(local.path), 'old', path.posix.basename(local.path));
        await mkdir(path.join(localRoot, path.dirname(copy)), { recursive: true });
        await cp(path.join(localRoot, local.path), path.join(localRoot, copy), { preserveTimestamps: true });
      }
    },
    arrange: async (workbench) => {
      await openModels(workbench, 'LoRAs');
      for (const root of ['Local', 'Lake']) {
        await workbench.runCommand('Lakeside: Hash now');
        await workbench.page
          .locator('.quick-input-list .monaco-list-row', { hasText: new RegExp(`^${root}`) })
          .first()
          .click();
        await workbench.expandTreeItem('Done');
        await workbench.treeItem(`Hash ${root}`).waitFor();
      }
      await makeMirrorPlan(workbench);
      await applyMirrorPlan(workbench);
      await workbench.webview().getByText('Every step is done.').waitFor();
      await workbench.runCommand('View: Close All Editors');
      await workbench.runCommand('Lakeside: Open trash');
      const panel = workbench.webview('Trash');
      for (const row of [2, 3, 4]) await panel.getByRole('row').nth(row).getByRole('checkbox').click();
      await panel.locator('#restore:not([disabled])').waitFor();
    },
  },
  {
    name: 'job',
    theme: 'Default Light Modern',
    // As over a network, so that it still runs when the picture is taken.
    settings: { 'lakeside.transfer.bandwidth': 45 },
    prepare: async ({ lakeRoot }) => {
      for (const [file, megabytes] of LARGE_MODELS) await makeLargeFile(path.join(lakeRoot, file), megabytes);
    },
    arrange: async (workbench) => {
      await openModels(workbench, 'LoRAs');
      await makeMirrorPlan(workbench);
      await applyMirrorPlan(workbench);
      await workbench.webview().getByRole('button', { name: 'Details' }).click();
      await workbench.webview('Mirror Lake → Local').locator('svg .speed-line').waitFor();
      await workbench.page.waitForTimeout(4_000);
    },
  },
  {
    name: 'item',
    studio: true,
    arrange: async (workbench) => {
      await openProjects(workbench);
      await workbench.expandTreeItem('Poster');
      await workbench.treeItem('Poster').click();
      const panel = workbench.webview();
      await panel.locator('#generate').waitFor();
      await panel.getByText('What will be sent').click();
      await panel.locator('.run-succeeded img').first().waitFor();
    },
  },
  {
    name: 'gallery',
    studio: true,
    arrange: async (workbench) => {
      await openProjects(workbench);
      await workbench.runCommand('Lakeside: Open gallery');
      const panel = workbench.webview();
      await panel.locator('[role=gridcell] img.loaded').nth(5).waitFor();
      await panel.locator('[role=gridcell]').nth(2).click();
    },
  },
  {
    name: 'overview',
    studio: true,
    theme: 'Default Light Modern',
    arrange: async (workbench) => {
      await openProjects(workbench);
      await workbench.runCommand('Lakeside: Open overview');
      await workbench.webview().locator('img').nth(3).waitFor();
    },
  },
];

const LARGE_MODELS: readonly [file: string, megabytes: number][] = [
  ['checkpoints/atlas_xl_v3.safetensors', 500],
  ['checkpoints/borealis_xl_turbo.safetensors', 500],
  ['diffusion_models/meridian_dev_fp8.safetensors', 700],
  ['text_encoders/t5xxl_fp8_e4m3fn.safetensors', 400],
];

/** Takes no room on most disks. */
async function makeLargeFile(file: string, megabytes: number): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, '');
  await truncate(file, megabytes * 1024 * 1024);
  const time = new Date(Date.UTC(2025, 3, 1, 9));
  await utimes(file, time, time);
}

async function openModels(workbench: Workbench, category: string): Promise<void> {
  await workbench.openView('Lakeside');
  await workbench.closeView('Projects');
  await workbench.treeItem('Mirror plan…').waitFor();
  await workbench.expandTreeItem(category);
}

/** The side bar with the Projects tree alone, open down to the work items. */
async function openProjects(workbench: Workbench): Promise<void> {
  await workbench.openView('Lakeside');
  await workbench.expandTreeItem('Summer menu');
  for (const view of ['Models', 'Jobs']) await workbench.closeView(view);
}

/** Opens a root of the view *Roots*. */
async function openRoot({ page }: Workbench, label: RegExp): Promise<void> {
  const root = page.locator('.monaco-list-row', { hasText: label }).first();
  if ((await root.getAttribute('aria-expanded')) === 'false') await root.locator('.monaco-tl-twistie').click();
  // A tooltip would lie over the rows.
  await page.mouse.move(900, 500);
}

/** By so many pixels, so that sizes stand beside long names. */
async function widenSideBar({ page }: Workbench, by: number): Promise<void> {
  const box = await page.locator('.part.sidebar').boundingBox();
  if (box === null) throw new Error('There is no side bar to widen.');
  const [edge, middle] = [box.x + box.width, box.y + box.height / 2];
  await page.mouse.move(edge, middle);
  await page.mouse.down();
  await page.mouse.move(edge + by, middle, { steps: 5 });
  await page.mouse.up();
}

/** As bit rot does it: another byte, the same size and time. */
async function damage(file: string): Promise<void> {
  const { atime, mtime, size } = await stat(file);
  const opened = await open(file, 'r+');
  await opened.write(Buffer.from('rot'), 0, 3, Math.floor(size / 2));
  await opened.close();
  await utimes(file, atime, mtime);
}

async function makePlanBothWays(workbench: Workbench): Promise<void> {
  await workbench.runCommand('Lakeside: Make plan');
  await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Both ways' }).click();
  await workbench.page.locator('.quick-input-widget', { hasText: 'Find moved folders' }).waitFor();
  await workbench.page.keyboard.press('Enter');
}

/** From Lake to Local, with both options ticked. */
async function makeMirrorPlan(workbench: Workbench): Promise<void> {
  const { page } = workbench;
  await workbench.treeItem('Mirror plan…').click();
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'make Local hold' }).click();
  const options = page.locator('.quick-input-list .monaco-list-row');
  await options.filter({ hasText: 'Compare by content' }).waitFor();
  await options.filter({ hasText: 'Compare by content' }).click();
  await options.filter({ hasText: 'Also remove' }).click();
  await page.keyboard.press('Enter');
  await workbench.webview().locator('#apply').waitFor();
}

/** It takes away more than a tenth of the small demo, so it is asked about. */
async function applyMirrorPlan(workbench: Workbench): Promise<void> {
  await workbench.webview().locator('#apply').click();
  await workbench.page.locator('.monaco-dialog-box .monaco-button', { hasText: /^Delete/ }).click();
}
