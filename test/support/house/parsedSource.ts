import path from 'node:path';
import ts from 'typescript';

/** One import, export-from or import() of a source. */
export interface ImportedModule {
  /** As written. */
  readonly specifier: string;
  /** Path from the project's folder for one of our own files; undefined for packages. */
  readonly file: string | undefined;
}

export interface ParsedSource {
  /** POSIX path from the project's folder: src/store/openDatabase.ts */
  readonly file: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly ImportedModule[];
}

/** Parses one source; nothing is read from the disk. */
export function parseSource(file: string, text: string): ParsedSource {
  const kind = file.endsWith('.tsx') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, kind);
  const imports = allNodes(tree)
    .map(moduleSpecifier)
    .filter((specifier) => specifier !== undefined)
    .map((specifier) => ({
      specifier,
      file: specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : undefined,
    }));
  return { file, text, tree, imports };
}

/** Every node of the tree, in the order of the text. */
export function allNodes(tree: ts.SourceFile): ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return nodes;
}

function moduleSpecifier(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literalText(node.moduleSpecifier);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return literalText(node.arguments[0]);
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return literalText(node.argument.literal);
  return undefined;
}

function literalText(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}
