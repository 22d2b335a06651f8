import ts from 'typescript';
import { allNodes, type ParsedSource } from './parsedSource.ts';

const maxLines = 400;

/** Default exports, barrels, and names that say nothing. */
export function forbiddenForms(source: ParsedSource): string[] {
  const { file, tree, text } = source;
  const findings: string[] = [];
  if (tree.statements.some(isDefaultExport)) findings.push(`${file} has a default export`);
  if (isBarrel(tree)) findings.push(`${file} only hands on what other files export`);
  if (/(^|\/)(utils?|helpers?|misc|index)(\/|\.tsx?$)|(Utils?|Helpers?)\.tsx?$/i.test(file)) {
    findings.push(`${file} has a name that does not say what is in it`);
  }
  const lines = text.split('\n').length;
  if (lines > maxLines) findings.push(`${file} has ${lines} lines: a second responsibility has moved in`);
  return findings;
}

function isDefaultExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true;
  if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)) {
    return statement.exportClause.elements.some(({ name }) => name.text === 'default');
  }
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  return modifiers.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
}

function isBarrel(tree: ts.SourceFile): boolean {
  const handsOn = (statement: ts.Statement): boolean =>
    ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined;
  const code = tree.statements.filter((statement) => !ts.isImportDeclaration(statement));
  const exportsAll = tree.statements.some(
    (statement) => ts.isExportDeclaration(statement) && statement.exportClause === undefined,
  );
  return exportsAll || (code.length > 0 && code.every(handsOn));
}

/** A keyword of SQL is written in one case; a sentence for a person starts with one capital. */
const inOneCase = /^\s*([a-z]+|[A-Z]+)\b/;
const sqlStart =
  /^\s*(select\s[^]*\sfrom\s|insert\s+(or\s+\w+\s+)?into\s|update\s+(or\s+\w+\s+)?\w+\s+set\s|delete\s+from\s|replace\s+into\s|(create|drop|alter)\s+(temp\s+|unique\s+|virtual\s+)?(table|index|view|trigger)\s|begin\s+(immediate|exclusive|deferred)|pragma\s+\w+|vacuum\b|with\s+(recursive\s+)?\w+\s+as\s*\()/i;

/** String literals that hold SQL outside store/. */
export function sqlOutsideStore(source: ParsedSource): string[] {
  if (source.file.startsWith('src/store/')) return [];
  return allNodes(source.tree)
    .filter((node) => ts.isStringLiteralLike(node) || ts.isTemplateHead(node))
    .filter(({ text }) => inOneCase.test(text) && sqlStart.test(text))
    .map(({ text }) => `${source.file} holds SQL: ${text.trim().slice(0, 60)}`);
}

const fileModules = /^(node:)?fs(\/promises)?$/;
const writingNames =
  /^(write|writev|writeFile|appendFile|createWriteStream|rename|unlink|rm|rmdir|copyFile|cp|truncate|ftruncate|link|symlink|utimes|futimes|lutimes|chmod|fchmod|chown|mkdtemp)(Sync)?$/;

/** Changes to files outside base/ and transfer/: written by no one else, every write is atomic or verified. */
export function rawFileWrites(source: ParsedSource): string[] {
  if (!source.file.startsWith('src/') || /^src\/(base|transfer)\//.test(source.file)) return [];
  const { named, whole } = fileImports(source.tree);
  const findings = [...named].filter(([, name]) => writingNames.test(name)).map(([, name]) => name);
  for (const node of allNodes(source.tree)) {
    if (ts.isPropertyAccessExpression(node) && writingNames.test(node.name.text) && whole.has(rootName(node))) {
      findings.push(node.name.text);
    }
    if (ts.isCallExpression(node) && isOpen(node, named, whole) && !opensForReading(node)) findings.push('open');
  }
  return findings.map((name) => `${source.file} changes files itself, with ${name}`);
}

/** Local names of what is imported from fs: single functions, and names of the whole module. */
function fileImports(tree: ts.SourceFile): { named: Map<string, string>; whole: Set<string> } {
  const named = new Map<string, string>();
  const whole = new Set<string>();
  for (const statement of tree.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    if (!fileModules.test(statement.moduleSpecifier.text)) continue;
    const { name, namedBindings } = statement.importClause ?? {};
    if (name) whole.add(name.text);
    if (namedBindings && ts.isNamespaceImport(namedBindings)) whole.add(namedBindings.name.text);
    if (!namedBindings || !ts.isNamedImports(namedBindings)) continue;
    for (const element of namedBindings.elements) {
      const imported = (element.propertyName ?? element.name).text;
      if (imported === 'promises' || imported === 'default') whole.add(element.name.text);
      else named.set(element.name.text, imported);
    }
  }
  return { named, whole };
}

function rootName(node: ts.PropertyAccessExpression): string {
  let root: ts.Expression = node;
  while (ts.isPropertyAccessExpression(root)) root = root.expression;
  return ts.isIdentifier(root) ? root.text : '';
}

function isOpen(call: ts.CallExpression, named: ReadonlyMap<string, string>, whole: ReadonlySet<string>): boolean {
  const { expression } = call;
  if (ts.isIdentifier(expression)) return /^open(Sync)?$/.test(named.get(expression.text) ?? '');
  if (!ts.isPropertyAccessExpression(expression)) return false;
  return /^open(Sync)?$/.test(expression.name.text) && whole.has(rootName(expression));
}

function opensForReading(call: ts.CallExpression): boolean {
  const flags = call.arguments[1];
  if (flags === undefined || (ts.isStringLiteral(flags) && flags.text === 'r')) return true;
  const text = ts.isIdentifier(flags) ? initializerText(call.getSourceFile(), flags.text) : flags.getText();
  return text.includes('O_RDONLY') && !/O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)/.test(text);
}

/** The expression that a constant of this file stands for. */
function initializerText(tree: ts.SourceFile, name: string): string {
  const declaration = allNodes(tree)
    .filter(ts.isVariableDeclaration)
    .find((each) => ts.isIdentifier(each.name) && each.name.text === name);
  return declaration?.initializer?.getText() ?? '';
}
