import assert from 'node:assert/strict';
import * as vscode from 'vscode';

const extensionId = 'lakeside.lakeside';

function declaredCommands(packageJson: unknown): string[] {
  if (typeof packageJson !== 'object' || packageJson === null || !('contributes' in packageJson)) return [];
  const { contributes } = packageJson;
  if (typeof contributes !== 'object' || contributes === null || !('commands' in contributes)) return [];
  const commands: unknown[] = Array.isArray(contributes.commands) ? contributes.commands : [];
  return commands.flatMap((each) =>
    typeof each === 'object' && each !== null && 'command' in each ? [String(each.command)] : [],
  );
}

describe('the extension in VS Code', () => {
  const extension = vscode.extensions.getExtension(extensionId);

  it('is found and activates', async () => {
    assert.ok(extension, `${extensionId} is not among the extensions`);
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it('registers every command it declares', async () => {
    const declared = declaredCommands(extension?.packageJSON);
    assert.ok(declared.length > 0, 'package.json declares no command');
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      declared.filter((command) => !registered.has(command)),
      [],
    );
  });

  it('declares every command it registers', async () => {
    const declared = new Set(declaredCommands(extension?.packageJSON));
    const registered = (await vscode.commands.getCommands(true)).filter((command) => command.startsWith('lakeside.'));
    // VS Code itself adds commands for each view and container: focus, open, toggle …
    const generated = /\.(focus|open|removeView|resetViewLocation|toggleVisibility)$/;
    assert.deepEqual(
      registered.filter((command) => !declared.has(command) && !generated.test(command)),
      [],
    );
  });
});
