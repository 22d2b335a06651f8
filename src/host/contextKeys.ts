import * as vscode from 'vscode';

import type { Brand } from '../protocol/studioValues.ts';
import type { Root } from '../protocol/values.ts';
import type { EngineState } from './engineClient.ts';

/** Tells the `when` clauses of package.json how things stand. */
export function setEngineContext({ kind }: EngineState): void {
  set('lakeside.engine', kind);
}

export function setRootContext(roots: readonly Root[]): void {
  const has = (role: Root['role']): boolean => roots.some((root) => root.role === role);
  set('lakeside.hasRoots', roots.length > 0);
  set('lakeside.hasLocal', has('local'));
  set('lakeside.hasLake', has('lake'));
  set('lakeside.hasBoth', has('local') && has('lake'));
  set(
    'lakeside.hasScanned',
    roots.some((root) => root.scannedAt !== null),
  );
  set('lakeside.canCompare', roots.filter((root) => root.scannedAt !== null).length >= 2);
  set('lakeside.hasThree', roots.length >= 3);
}

/** @param isPaused every job is held back, in every window */
export function setQueueContext(isPaused: boolean): void {
  set('lakeside.queuePaused', isPaused);
}

/** @param brands those that are not archived */
export function setStudioContext(brands: readonly Brand[], showsArchived: boolean): void {
  set('lakeside.hasBrands', brands.length > 0);
  set('lakeside.showsArchived', showsArchived);
}

function set(key: string, value: string | boolean): void {
  void vscode.commands.executeCommand('setContext', key, value);
}
