import * as vscode from 'vscode';

import type { JobsModel } from '../jobsModel.ts';
import { Throttle } from '../throttle.ts';
import { queueStatus } from './queueStatus.ts';

const UPDATE_MS = 250;

/** The status bar item that says what the queue is doing. A click shows the jobs. */
export function showQueueStatus(jobs: JobsModel): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('lakeside.queue', vscode.StatusBarAlignment.Left, 50);
  item.name = 'Lakeside queue';
  item.command = 'lakeside.jobs.focus';
  const update = new Throttle(() => {
    const status = queueStatus(jobs.jobs, jobs.held);
    if (status === undefined) {
      item.hide();
      return;
    }
    item.text = status.text;
    item.tooltip = status.tooltip;
    item.backgroundColor =
      status.tone === 'warning' ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    item.show();
  }, UPDATE_MS);
  return vscode.Disposable.from(
    item,
    update,
    jobs.onChange(() => update.ask()),
  );
}
