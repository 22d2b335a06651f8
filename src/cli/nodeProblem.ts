/** What the database's binary asks for (Node 22.14 and later). */
const MIN_NAPI = 10;

/** Why this Node cannot run Lakeside; undefined when it can. Imports nothing, so that any Node can ask. */
export function nodeProblem(versions: {
  readonly node: string;
  readonly napi?: string | undefined;
}): { readonly code: string; readonly category: 'infra'; readonly message: string } | undefined {
  if (Number(versions.napi ?? 0) >= MIN_NAPI) return undefined;
  return {
    code: 'NODE_TOO_OLD',
    category: 'infra',
    message: `Lakeside needs Node 22.14 or later, and this is Node ${versions.node}. Update Node, or run it with a newer one.`,
  };
}
