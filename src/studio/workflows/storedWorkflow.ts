import type { Binding, Workflow, WorkflowGraph } from '../../protocol/studioValues.ts';

/** A workflow with its graph: what comes with Lakeside, or what was imported. */
export interface StoredWorkflow {
  readonly id: string;
  readonly name: string;
  readonly builtIn: boolean;
  readonly archived: boolean;
  readonly graph: WorkflowGraph;
  readonly bindings: Binding[];
}

/** As views are told of it. */
export function describeWorkflow({ id, name, builtIn, bindings, graph }: StoredWorkflow): Workflow {
  return { id, name, builtIn, bindings, nodes: Object.keys(graph).length };
}
