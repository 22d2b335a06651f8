import { readdirSync } from 'node:fs';
import path from 'node:path';

import type { Workbench } from './workbench.ts';

/** Answers VS Code's own folder dialog, which a browser gets instead of the system's, as one who types the path. */
export async function chooseFolder({ page }: Workbench, folder: string): Promise<void> {
  const rows = page.locator('.quick-input-list .monaco-list-row');
  // Until the dialog has listed a folder it overwrites what is typed.
  await rows.filter({ hasText: '..' }).first().waitFor();
  await page.locator('.quick-input-widget input[type=text]').fill(`${folder}${path.sep}`);
  const [first] = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  if (first !== undefined) await rows.filter({ hasText: first.name }).first().waitFor();
  await page.locator('.quick-input-widget .monaco-button', { hasText: 'Use this folder' }).click();
}
