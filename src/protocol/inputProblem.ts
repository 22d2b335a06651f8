import * as z from 'zod';

/** What is wrong with a value, in one line: `name: A root name is …; path: …`. */
export function inputProblem(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${z.core.toDotPath(path)}: ${message}`))
    .join('; ');
}
