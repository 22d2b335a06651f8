import path from 'node:path';
import * as vscode from 'vscode';

import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import { LakesideError } from '../../base/errors.ts';
import { describeRelpathProblem, relpathProblem } from '../../base/relpath.ts';
import { PLAN_PANEL_USE_CASES, planPanelContract, type PlanPanelContract } from '../../protocol/panels/planPanel.ts';
import type { CallOptions } from '../../protocol/useCases.ts';
import type { LeftOutOfPlans } from '../leftOutOfPlans.ts';
import { requireTrust } from '../trust.ts';
import { fillPanel } from './fillPanel.ts';
import { type PanelEngine, type PanelHostHandlers, servePanel } from './panelBridge.ts';
import { reportProtocolError, runCommand, sharedHandlers } from './panelHandlers.ts';
import { PlanDocument } from './planDocument.ts';
import { acceptPanelSessions } from './webviewChannel.ts';

export const PLAN_VIEW_TYPE = 'lakeside.plan';

export interface PlanEditorParts {
  readonly engine: PanelEngine;
  readonly actions: PlanPanelActions;
  readonly leftOut: LeftOutOfPlans;
}

/** What the panel asks for that asks the person something (`PlanActions`). */
export interface PlanPanelActions {
  apply(plan: string, options?: CallOptions): Promise<{ job: string }>;
  undo(job: string): Promise<void>;
  nameLastCopies(plan: string): Promise<boolean>;
}

export interface PlanEditors extends Disposable {
  /** Whether a plan that this job applies, or applied, is on the screen. */
  showsJob(job: string): Promise<boolean>;
}

/** Opens `*.lakeplan.json` in the Plan panel. */
export function registerPlanEditor(context: vscode.ExtensionContext, parts: PlanEditorParts): PlanEditors {
  const provider = new PlanEditorProvider(context.extensionUri, parts);
  const registered = vscode.Disposable.from(
    provider,
    vscode.window.registerCustomEditorProvider(PLAN_VIEW_TYPE, provider, {
      // A hidden panel keeps its filter, sort and place in its state, and fetches the rest again when it is shown.
      webviewOptions: { retainContextWhenHidden: false, enableFindWidget: false },
      supportsMultipleEditorsPerDocument: false,
    }),
  );
  return { showsJob: (job) => provider.showsJob(job), dispose: () => void registered.dispose() };
}

/** The document as VS Code knows it, around the one that knows nothing of VS Code. */
class PlanCustomDocument implements vscode.CustomDocument {
  readonly uri: vscode.Uri;
  readonly plan: PlanDocument;
  readonly owned = new DisposableStore();

  constructor(uri: vscode.Uri, plan: PlanDocument) {
    this.uri = uri;
    this.plan = this.owned.add(plan);
  }

  dispose(): void {
    this.owned.dispose();
  }
}

class PlanEditorProvider implements vscode.CustomEditorProvider<PlanCustomDocument>, vscode.Disposable {
  readonly #extensionUri: vscode.Uri;
  readonly #parts: PlanEditorParts;
  /** Documents on the screen now. */
  readonly #visible = new Set<PlanDocument>();
  readonly #edits = new vscode.EventEmitter<vscode.CustomDocumentEditEvent<PlanCustomDocument>>();
  readonly onDidChangeCustomDocument = this.#edits.event;

  constructor(extensionUri: vscode.Uri, parts: PlanEditorParts) {
    this.#extensionUri = extensionUri;
    this.#parts = parts;
  }

  dispose(): void {
    this.#edits.dispose();
  }

  async showsJob(job: string): Promise<boolean> {
    // A plan that could not be opened shows no job.
    const shown = await Promise.all([...this.#visible].map((plan) => plan.job().catch(() => undefined)));
    return shown.includes(job);
  }

  async openCustomDocument(
    uri: vscode.Uri,
    openContext: vscode.CustomDocumentOpenContext,
  ): Promise<PlanCustomDocument> {
    const plan = new PlanDocument({
      engine: this.#parts.engine,
      leftOut: this.#parts.leftOut.of(uri.fsPath),
      fileName: path.posix.basename(uri.path),
      path: uri.scheme === 'file' ? uri.fsPath : undefined,
      isTrusted: () => vscode.workspace.isTrusted,
      backup: openContext.backupId === undefined ? undefined : await readText(vscode.Uri.parse(openContext.backupId)),
    });
    const document = new PlanCustomDocument(uri, plan);
    document.owned.add(plan.onEdit((edit) => this.#edits.fire({ document, ...edit })));
    document.owned.add(vscode.workspace.onDidGrantWorkspaceTrust(() => void plan.announce()));
    return document;
  }

  resolveCustomEditor(document: PlanCustomDocument, panel: vscode.WebviewPanel): void {
    const { plan } = document;
    const { engine } = this.#parts;
    const handlers = planHandlers(plan, this.#parts);
    const owned = new DisposableStore();
    const noteVisible = (): void => {
      if (panel.visible) this.#visible.add(plan);
      else this.#visible.delete(plan);
    };
    noteVisible();
    owned.add(panel.onDidChangeViewState(noteVisible));
    owned.add({ dispose: () => void this.#visible.delete(plan) });
    panel.onDidDispose(() => owned.dispose());
    owned.add(
      acceptPanelSessions(
        panel.webview,
        (channel) => {
          const session = new DisposableStore();
          const bridge = session.add(
            servePanel({
              channel,
              contract: planPanelContract,
              useCases: PLAN_PANEL_USE_CASES,
              engine,
              handlers,
              isVisible: () => panel.visible,
              onProtocolError: reportProtocolError,
            }),
          );
          session.add(plan.onChange((description) => bridge.emit('document', description)));
          return session;
        },
        reportProtocolError,
      ),
    );
    fillPanel(panel.webview, this.#extensionUri, { panel: 'plan', title: path.posix.basename(document.uri.path) });
  }

  async saveCustomDocument(document: PlanCustomDocument, token: vscode.CancellationToken): Promise<void> {
    await this.saveCustomDocumentAs(document, document.uri, token);
  }

  async saveCustomDocumentAs(
    document: PlanCustomDocument,
    destination: vscode.Uri,
    token: vscode.CancellationToken,
  ): Promise<void> {
    if (destination.scheme !== 'file') {
      throw new LakesideError('PLAN_NOT_LOCAL', 'validation', 'A plan can only be saved to a folder of this machine.');
    }
    await document.plan.save(destination.fsPath, signalOf(token));
  }

  async revertCustomDocument(document: PlanCustomDocument, token: vscode.CancellationToken): Promise<void> {
    await document.plan.revert(signalOf(token));
  }

  async backupCustomDocument(
    document: PlanCustomDocument,
    context: vscode.CustomDocumentBackupContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.CustomDocumentBackup> {
    const text = await document.plan.backUp(signalOf(token));
    await vscode.workspace.fs.writeFile(context.destination, new TextEncoder().encode(text));
    return {
      id: context.destination.toString(),
      delete: () => void vscode.workspace.fs.delete(context.destination).then(undefined, () => undefined),
    };
  }
}

type PlanHandlers = PanelHostHandlers<PlanPanelContract, typeof PLAN_PANEL_USE_CASES>;

function planHandlers(plan: PlanDocument, { engine, actions }: PlanEditorParts): PlanHandlers {
  return {
    'plans.tick': (input, { signal, idempotencyKey }) => plan.tick(input, { signal, idempotencyKey }),
    'plans.resolve': (input, { signal, idempotencyKey }) => plan.resolve(input, { signal, idempotencyKey }),
    'plans.apply': (input, { signal, idempotencyKey }) => actions.apply(input.plan, { signal, idempotencyKey }),
    'panel.undo': async () => {
      const job = await plan.job();
      if (job === undefined) throw new LakesideError('NOT_APPLIED', 'validation', 'This plan was not applied yet.');
      await actions.undo(job);
      return null;
    },
    'panel.nameLastCopies': async () => actions.nameLastCopies(await plan.plan()),
    'jobs.retry': (input, { signal, idempotencyKey }) => {
      requireTrust('nothing is applied');
      return engine.call('jobs.retry', input, { signal, idempotencyKey });
    },
    'panel.document': () => plan.describe(),
    'panel.reopen': () => plan.reopen(),
    'panel.save': () => runCommand('workbench.action.files.save'),
    'panel.revealFile': async ({ root, path: relpath }) =>
      runCommand('revealFileInOS', vscode.Uri.file(await absolutePath(engine, root, relpath))),
    'panel.openFolder': async ({ root, path: relpath }) =>
      runCommand('revealFileInOS', vscode.Uri.file(await absolutePath(engine, root, relpath))),
    ...sharedHandlers,
  };
}

/** Where a file or folder of a root lies. The path came from a plan, so it is checked like any other. */
async function absolutePath(engine: PanelEngine, rootName: string, relpath: string): Promise<string> {
  const problem = relpath === '' ? undefined : relpathProblem(relpath, { windows: process.platform === 'win32' });
  if (problem !== undefined) {
    throw new LakesideError('BAD_PATH', 'validation', `${relpath} ${describeRelpathProblem(problem)}.`);
  }
  const { roots } = await engine.call('roots.list', {});
  const root = roots.find(({ name }) => name === rootName);
  if (root === undefined) throw new LakesideError('ROOT_UNKNOWN', 'validation', `There is no root named ${rootName}.`);
  return path.join(root.path, ...relpath.split('/'));
}

async function readText(uri: vscode.Uri): Promise<string> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

function signalOf(token: vscode.CancellationToken): AbortSignal {
  const abort = new AbortController();
  if (token.isCancellationRequested) abort.abort();
  token.onCancellationRequested(() => abort.abort());
  return abort.signal;
}
