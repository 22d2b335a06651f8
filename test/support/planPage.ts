import type { Browser } from 'playwright-core';

import { DisposableStore } from '../../src/base/disposables.ts';
import { type PanelHostHandlers, servePanel } from '../../src/host/panels/panelBridge.ts';
import { PlanDocument, type TickEdit } from '../../src/host/panels/planDocument.ts';
import {
  PLAN_PANEL_USE_CASES,
  planPanelContract,
  type PlanPanelContract,
} from '../../src/protocol/panels/planPanel.ts';
import type { Problem } from '../../src/protocol/values.ts';
import type { FakePlanEngine } from './fakePlanEngine.ts';
import { openPanelPage, type PanelPage } from './panelPage.ts';
import type { ThemeName } from './vscodeThemes.ts';

export interface PlanPageOptions {
  readonly engine: FakePlanEngine;
  readonly theme?: ThemeName;
  readonly trusted?: boolean;
  readonly leftOut?: readonly Problem[];
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly webviewDir?: string;
}

/** The Plan panel with everything but VS Code: the real page, bridge and document, over a made-up engine. */
export interface PlanPage extends PanelPage {
  readonly edits: readonly TickEdit[];
  /** What the panel asked of its host: `panel.copyText {"text":…}`. */
  readonly asked: readonly string[];
}

export async function openPlanPage(browser: Browser, options: PlanPageOptions): Promise<PlanPage> {
  const { engine, trusted = true, leftOut = [], ...pageOptions } = options;
  const asked: string[] = [];
  const edits: TickEdit[] = [];
  const document = new PlanDocument({
    engine,
    fileName: 'lake-to-local.lakeplan.json',
    path: '/plans/lake-to-local.lakeplan.json',
    isTrusted: () => trusted,
    leftOut,
  });
  document.onEdit((edit) => edits.push(edit));

  const opened = await openPanelPage(browser, {
    ...pageOptions,
    panel: 'plan',
    title: 'Plan',
    serve: (channel, complain) => {
      const session = new DisposableStore();
      const bridge = session.add(
        servePanel({
          contract: planPanelContract,
          useCases: PLAN_PANEL_USE_CASES,
          channel,
          engine,
          handlers: hostHandlers(document, asked),
          isVisible: () => true,
          onProtocolError: complain,
        }),
      );
      session.add(document.onChange((description) => bridge.emit('document', description)));
      return session;
    },
  });
  return {
    ...opened,
    edits,
    asked,
    close: async () => {
      await opened.close();
      document.dispose();
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
    'plans.resolve': (input) => document.resolve(input, {}),
    'panel.document': () => document.describe(),
    'panel.reopen': () => document.reopen(),
    'panel.save': async () => {
      await document.save('/plans/lake-to-local.lakeplan.json');
      return null;
    },
    'panel.undo': note('panel.undo'),
    'panel.nameLastCopies': (input) => {
      asked.push(`panel.nameLastCopies ${JSON.stringify(input)}`);
      return true;
    },
    'panel.revealFile': note('panel.revealFile'),
    'panel.openFolder': note('panel.openFolder'),
    'panel.copyText': note('panel.copyText'),
    'panel.showJob': note('panel.showJob'),
  };
}
