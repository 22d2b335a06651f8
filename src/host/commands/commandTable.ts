import * as vscode from 'vscode';

/** Commands by their id. What they are called with came from anybody. */
export type CommandTable = Readonly<Record<`lakeside.${string}`, (...args: readonly unknown[]) => unknown>>;

/** Registers the commands; what one throws is shown to the person. */
export function registerCommands(table: CommandTable, reportError: (error: unknown) => void): vscode.Disposable {
  const registered = Object.entries(table).map(([id, command]) =>
    vscode.commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        await command(...args);
      } catch (error) {
        reportError(error);
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}
