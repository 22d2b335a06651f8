import { readFile, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';

import canonicalize from 'canonicalize';

import { fileError, LakesideError, toLakesideError } from '../base/errors.ts';
import type { Binding, WorkflowGraph } from '../protocol/studioValues.ts';
import type { UseCaseOutput } from '../protocol/useCases.ts';
import { changedFields } from '../studio/changedFields.ts';
import { ComfyuiProvider } from '../studio/providers/comfyui/comfyuiProvider.ts';
import { bindableInputs } from '../studio/workflows/bindableInputs.ts';
import { bindWorkflow } from '../studio/workflows/binder.ts';
import { BUILT_IN_WORKFLOWS } from '../studio/workflows/builtIn.ts';
import { classesOf } from '../studio/workflows/graph.ts';
import type { NodeDescriptions } from '../studio/workflows/nodeDescription.ts';
import { MAX_WORKFLOW_FILE_BYTES, readWorkflow, requireImageOutput } from '../studio/workflows/readWorkflow.ts';
import { describeWorkflow, type StoredWorkflow } from '../studio/workflows/storedWorkflow.ts';
import { changeStudio, type StudioChange } from './changeStudio.ts';
import type { Core } from './core.ts';
import type { AreaImplementations } from './implementations.ts';

/** How long a server may take to say what a workflow's nodes are, when one is imported. */
const DESCRIBE_MS = 3_000;

/** Throws WORKFLOW_UNKNOWN. */
function requireWorkflow(core: Core, id: string): StoredWorkflow {
  const builtIn = BUILT_IN_WORKFLOWS.find((workflow) => workflow.id === id);
  if (builtIn !== undefined) return builtIn;
  const row = core.store.workflows.byId(id);
  if (row !== undefined) return { ...row, builtIn: false };
  throw new LakesideError(
    'WORKFLOW_UNKNOWN',
    'validation',
    `There is no workflow ${id}. Choose another, or import it again.`,
    { context: { id } },
  );
}

/** The workflow that was chosen, or the first that comes with Lakeside. Throws WORKFLOW_UNKNOWN. */
export function chosenWorkflow(core: Core, id: string | undefined): StoredWorkflow {
  if (id !== undefined) return requireWorkflow(core, id);
  const [first] = BUILT_IN_WORKFLOWS;
  if (first === undefined) throw new LakesideError('WORKFLOW_UNKNOWN', 'unknown', 'No workflow came with Lakeside.');
  return first;
}

/** A file's name as a name: some systems let it have line ends. */
function nameOfFile(path: string): string {
  const words = basename(path, extname(path)).replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ');
  return words.trim().slice(0, 180).toWellFormed() || 'Workflow';
}

export function workflowUseCases(core: Core): AreaImplementations<'workflows'> {
  const { store } = core;

  const list = (): StoredWorkflow[] => [
    ...BUILT_IN_WORKFLOWS,
    ...store.workflows.list().map((row) => ({ ...row, builtIn: false })),
  ];

  /** The name, or the first of `name 2`, `name 3` … that is free. */
  function freeName(name: string, but?: string): string {
    const isTaken = (wanted: string): boolean =>
      store.workflows.hasName(wanted, but) ||
      BUILT_IN_WORKFLOWS.some((workflow) => workflow.name.toLowerCase() === wanted.toLowerCase());
    let free = name;
    for (let number = 2; isTaken(free); number++) free = `${name} ${number}`;
    return free;
  }

  function add({ by, now, audit }: StudioChange, name: string, graph: WorkflowGraph, bindings: Binding[]): string {
    const id = core.newStudioId();
    store.workflows.add({ id, name: freeName(name), graph: canonicalText(graph), bindings, by: by.id, now });
    audit({ action: 'workflow.add', subject: 'workflow', subjectId: id, after: { name, bindings } });
    return id;
  }

  const answer = (id: string): UseCaseOutput<'workflows.update'> => ({
    workflow: describeWorkflow(requireWorkflow(core, id)),
  });

  return {
    'workflows.list': () => ({ workflows: list().map(describeWorkflow) }),
    'workflows.import': async ({ path, name }, { signal }) => {
      const graph = readWorkflow(await readWorkflowFile(path), path);
      const descriptions = await describeNodes(core, graph, signal);
      requireImageOutput(graph, path, descriptions);
      const bindings = bindWorkflow(graph, descriptions);
      const wanted = name ?? nameOfFile(path);
      const id = await changeStudio(core, (change) => {
        const there = store.workflows.byGraph(canonicalText(graph));
        if (there === undefined) return add(change, wanted, graph, bindings);
        if (there.archived) {
          store.workflows.update(there.id, { ...there, archived: false }, change.now);
          const changed = { before: { archived: true }, after: { archived: false } };
          change.audit({ action: 'workflow.update', subject: 'workflow', subjectId: there.id, ...changed });
        }
        return there.id;
      });
      return answer(id);
    },
    'workflows.get': ({ id }) => {
      const workflow = requireWorkflow(core, id);
      return { workflow: describeWorkflow(workflow), inputs: bindableInputs(workflow.graph) };
    },
    'workflows.bind': async ({ id, bindings }) => {
      const workflow = requireWorkflow(core, id);
      refuseBadBindings(workflow, bindings);
      const changedId = await changeStudio(core, (change) => {
        const now = requireWorkflow(core, id);
        if (now.builtIn) return add(change, now.name, now.graph, bindings);
        const changed = changedFields({ bindings: now.bindings }, { bindings });
        if (changed === undefined) return id;
        store.workflows.update(id, { ...now, bindings }, change.now);
        change.audit({ action: 'workflow.bind', subject: 'workflow', subjectId: id, ...changed });
        return id;
      });
      return answer(changedId);
    },
    'workflows.update': async ({ id, name, archived }) => {
      await changeStudio(core, (change) => {
        const workflow = requireWorkflow(core, id);
        if (workflow.builtIn) {
          throw new LakesideError(
            'WORKFLOW_BUILT_IN',
            'validation',
            `"${workflow.name}" comes with Lakeside and cannot be changed. Correct its inputs to get a copy of your own.`,
          );
        }
        if (name !== undefined && freeName(name, id) !== name) {
          throw new LakesideError(
            'WORKFLOW_NAME_TAKEN',
            'validation',
            `There is a workflow named "${name}" already. Choose another name.`,
          );
        }
        const before = { name: workflow.name, archived: workflow.archived };
        const after = { name: name ?? workflow.name, archived: archived ?? workflow.archived };
        const changed = changedFields(before, after);
        if (changed === undefined) return;
        store.workflows.update(id, { ...workflow, ...after }, change.now);
        change.audit({ action: 'workflow.update', subject: 'workflow', subjectId: id, ...changed });
      });
      return answer(id);
    },
    'workflows.fields': async ({ provider: name, workflow: id }, { signal }) => {
      const provider = core.providers.require(name);
      const workflow = provider.capabilities.workflows ? chosenWorkflow(core, id) : undefined;
      const { fields, problems } = await provider.fields(workflow, signal);
      return { fields: [...fields], problems: [...problems] };
    },
  };
}

/** What a server says of a graph's nodes, if one answers soon and has them all: a help, not a condition. */
async function describeNodes(
  core: Core,
  graph: WorkflowGraph,
  signal: AbortSignal,
): Promise<NodeDescriptions | undefined> {
  const kinds = classesOf(graph);
  const provider = core.providers.list().find((each) => each instanceof ComfyuiProvider);
  if (provider === undefined) return undefined;
  try {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(DESCRIBE_MS)]);
    const descriptions = await provider.describe(kinds, soon);
    return kinds.every((kind) => descriptions.has(kind)) ? descriptions : undefined;
  } catch (error) {
    const { code, message } = toLakesideError(error);
    core.log.write({ level: 'debug', message, data: { code } });
    return undefined;
  }
}

async function readWorkflowFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size <= MAX_WORKFLOW_FILE_BYTES) return await readFile(path);
  } catch (error) {
    throw fileError('read the workflow', path, error);
  }
  throw new LakesideError('NOT_A_WORKFLOW', 'validation', `${path} is too large for a workflow.`, {
    context: { path },
  });
}

function canonicalText(graph: WorkflowGraph): string {
  const text = canonicalize(graph);
  if (text === undefined) throw new LakesideError('NOT_A_WORKFLOW', 'validation', 'The workflow has no nodes.');
  return text;
}

function refuseBadBindings(workflow: StoredWorkflow, bindings: readonly Binding[]): void {
  const inputs = bindableInputs(workflow.graph);
  const bad = bindings.find(({ node, input }) => !inputs.some((other) => other.node === node && other.input === input));
  if (bad === undefined) return;
  throw new LakesideError(
    'WORKFLOW_BINDING',
    'validation',
    `"${workflow.name}" has no input ${bad.input} of a node ${bad.node} that could be set. Look at its inputs again.`,
    { context: { name: bad.name } },
  );
}
