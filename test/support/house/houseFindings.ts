import { forbiddenForms, rawFileWrites, sqlOutsideStore } from './codeRules.ts';
import { forbiddenImports, importCycles, nodeInWebviews } from './importRules.ts';
import { parseSource } from './parsedSource.ts';

/**
 * What in the sources breaks the rules of the house, as sentences.
 * @param texts contents by POSIX path from the project's folder
 */
export function houseFindings(texts: ReadonlyMap<string, string>): string[] {
  const sources = [...texts].map(([file, text]) => parseSource(file, text));
  const rules = [forbiddenImports, forbiddenForms, sqlOutsideStore, rawFileWrites];
  return [
    ...sources.flatMap((source) => rules.flatMap((rule) => rule(source))),
    ...importCycles(sources),
    ...nodeInWebviews(sources),
  ];
}
