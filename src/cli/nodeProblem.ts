import { isNodeTooOld, OLDEST_NODE } from '../base/nodeVersion.ts';

/** Why this Node cannot run Lakeside; undefined when it can. */
export function nodeProblem(versions: {
  readonly node: string;
  readonly napi?: string | undefined;
}): { readonly code: string; readonly category: 'infra'; readonly message: string } | undefined {
  if (!isNodeTooOld(versions)) return undefined;
  return {
    code: 'NODE_TOO_OLD',
    category: 'infra',
    message: `Lakeside needs Node ${OLDEST_NODE} or later, and this is Node ${versions.node}. Update Node, or run it with a newer one.`,
  };
}
