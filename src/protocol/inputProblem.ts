import type * as z from 'zod';
// Not as toDotPath: naming z.core would bring all of zod, with its 50 languages, into every panel.
import { toDotPath } from 'zod/v4/core';

/** What is wrong with a value, in one line: `name: A root name is …; path: …`. */
export function inputProblem(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${toDotPath(path)}: ${message}`))
    .join('; ');
}
