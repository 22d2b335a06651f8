/** The first Node that gives what the database's binary asks for. */
export const OLDEST_NODE = '22.14';
const OLDEST_NAPI = 10;

/**
 * Whether this Node cannot run Lakeside. An older one can crash in the database's binary without a message, so this is
 * asked before that is loaded. Imports nothing, so that any Node can ask.
 */
export function isNodeTooOld(versions: { readonly node: string; readonly napi?: string | undefined }): boolean {
  return Number(versions.napi ?? 0) < OLDEST_NAPI;
}
