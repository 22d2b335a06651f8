const vscode = require('vscode');

exports.activate = async () => {
  await vscode.commands.executeCommand('workbench.view.extension.lakeside');
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (folder === undefined) return;
  await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.joinPath(folder.uri, 'Read me.md'));
};
